import type { EngineQuery } from "../../engine/port.ts";
import type { CancelFlag, Hits, Place } from "./binding.d.ts";
import { flatten } from "./columns.ts";

/** Numbers that one query takes; their order is that of crates/node/src/query.rs. */
const NUMBERS = 9;
const METHODS = { balanced: 0, convex: 1, rrf: 2, dbsf: 3 };

/** Sends one search. */
export function search(place: Place, query: EngineQuery, cancel?: CancelFlag): Promise<Hits> {
  return place.search(query.vector, textOf(query), filterOf(query), numbersOf([query]), cancel);
}

/** The same, on this thread. */
export function searchSync(place: Place, query: EngineQuery): Hits {
  return place.searchSync(query.vector, textOf(query), filterOf(query), numbersOf([query]));
}

/** Sends several searches as columns. */
export function searchMany(place: Place, queries: readonly EngineQuery[], cancel?: CancelFlag): Promise<Hits[]> {
  const { values, lengths } = flatten(queries.map(({ vector }) => vector));
  return place.searchMany(values, lengths, queries.map(textOf), queries.map(filterOf), numbersOf(queries), cancel);
}

function textOf({ kind, text }: EngineQuery): string | undefined {
  return kind === "vector" ? undefined : text;
}

function filterOf({ filter }: EngineQuery): string | undefined {
  return filter === undefined ? undefined : JSON.stringify(filter);
}

function numbersOf(queries: readonly EngineQuery[]): Float64Array {
  const numbers = new Float64Array(NUMBERS * queries.length);
  queries.forEach(({ kind, vector, k, offset, fusion, minScore = Number.NaN, include }, i) => {
    const { method, weights, rrfK, candidates } = fusion;
    const embeds = kind === "hybrid" && !vector;
    const flags = (embeds ? 1 : 0) | (include.vector ? 2 : 0) | (include.text ? 4 : 0) | (include.metadata ? 8 : 0);
    const at = NUMBERS * i;
    numbers[at] = k;
    numbers[at + 1] = offset;
    numbers[at + 2] = METHODS[method];
    numbers[at + 3] = weights.vector ?? Number.NaN;
    numbers[at + 4] = weights.text ?? Number.NaN;
    numbers[at + 5] = rrfK;
    numbers[at + 6] = candidates;
    numbers[at + 7] = minScore;
    numbers[at + 8] = flags;
  });
  return numbers;
}
