import { latency, throughput, timed } from "../clock.ts";
import { dot } from "../data/nearest.ts";
import { type DataSet, TRUTH_K, vectorSet } from "../data/sets.ts";
import { diskFigure } from "../disk.ts";
import { type Effort, type Store, vectorAt } from "../engines/engine.ts";
import { mean } from "../statistics.ts";
import { type Bench, type Case, checkRows, type Point, WrongAnswer } from "./case.ts";

const k = TRUTH_K;
/** Recalls at which engines are compared: the cheapest effort of each that reaches it. */
const goals = [0.95, 0.99];
/** Below this at its dearest effort an engine does not search, it guesses. */
const leastRecall = 0.5;
/** Hits this close to the k-th score are as near as it: float32 sums differ in the last digits. */
const tie = 1e-6;

/** Nearest neighbours: build, then recall against time at equal recall. */
export const vectors: Case = {
  name: "vectors",
  refuses: ({ vectors }) => (vectors === undefined ? "no vector search" : null),
  sets: async (folder, size) => [await vectorSet(folder, size)],
  async prepare(bench) {
    const { engine, set, pace } = bench;
    const { store, built } = await build(bench);
    const ask = store.searchVector?.bind(store);
    if (ask === undefined || set.queryVectors === null) throw new Error(`${engine.name} was not made for this case`);
    const queries = split(set.queryVectors, set.rows.dimension);
    const search = async (query: number, effort: Effort) => await ask(queries[query] as Float32Array, k, effort);
    const reached = await sweep(store, set, queries.length, search);
    const isExact = engine.abilities.vectors?.isExact ?? false;
    const dearest = reached.at(-1);
    if (dearest === undefined || dearest.recall < (isExact ? 0.999 : leastRecall))
      throw new WrongAnswer(
        `recall@${k} is ${dearest?.recall.toFixed(4)} at ${JSON.stringify(dearest?.effort)}` +
          (isExact ? " of an engine that claims to be exact" : ""),
      );
    const points = chosen(reached).map(({ effort, recall, serves }): Point => ({
      serves,
      parameters: { ...store.parameters, ...effort },
      fixed: { recall, ...built },
      async measure() {
        const asking = async (i: number) => await search(i, effort);
        const figures = await latency(asking, queries.length, pace.latencyMs);
        const qps1 = await throughput(asking, queries.length, 1, pace.windowMs);
        return { ...figures, qps1, qps8: await throughput(asking, queries.length, 8, pace.windowMs) };
      },
    }));
    const missed = goals.filter((goal) => dearest.recall < goal);
    return {
      points,
      notes: missed.map((goal) => `never reaches recall ${goal}: ${dearest.recall.toFixed(4)} at most`),
      close: async () => await store.close(),
    };
  },
};

async function build({ engine, set, folder }: Bench): Promise<{ store: Store; built: Point["fixed"] }> {
  const directory = folder();
  const { count, dimension } = set.rows;
  const store = await engine.open(directory, { dimension, hasVectors: true, hasText: false, capacity: count });
  const { wallS, cpuS } = await timed(async () => await store.build(set.rows));
  const stored = await store.count();
  if (stored !== count) throw new WrongAnswer(`${stored} rows are stored of ${count}`);
  return { store, built: { buildS: wallS, buildCpuS: cpuS, ...diskFigure(directory) } };
}

interface Reached {
  readonly effort: Effort;
  readonly recall: number;
}

/** Efforts from cheap to dear with their recall, until every goal is reached. The queries also warm the engine. */
async function sweep(
  store: Store,
  set: DataSet,
  queries: number,
  search: (query: number, effort: Effort) => Promise<number[]>,
): Promise<Reached[]> {
  const reached: Reached[] = [];
  for (const effort of store.efforts) {
    const recalls: number[] = [];
    for (let query = 0; query < queries; query++) {
      const found = await search(query, effort);
      checkRows(found, k, set.rows.count, query);
      recalls.push(recallOf(found, set, query));
    }
    const recall = mean(recalls);
    reached.push({ effort, recall });
    if (goals.every((goal) => recall >= goal)) break;
  }
  return reached;
}

/** Share of `found` that is as near as the k-th true neighbour. */
function recallOf(found: readonly number[], { rows, queryVectors, truth }: DataSet, query: number): number {
  if (queryVectors === null || truth === null) throw new Error("this set has no truth");
  const vector = queryVectors.subarray(query * rows.dimension, (query + 1) * rows.dimension);
  const wanted = Math.min(k, rows.count);
  const last = dot(vector, vectorAt(rows, truth[query * k + wanted - 1] as number));
  return found.filter((row) => dot(vector, vectorAt(rows, row)) >= last - tie).length / wanted;
}

/** The first effort that reaches each goal; one that reaches several serves them all. */
function chosen(reached: readonly Reached[]): (Reached & { serves: string[] })[] {
  const points = new Map<Reached, string[]>();
  for (const goal of goals) {
    const first = reached.find(({ recall }) => recall >= goal);
    if (first !== undefined) points.set(first, [...(points.get(first) ?? []), `recall@${k} >= ${goal}`]);
  }
  return [...points].map(([point, serves]) => ({ ...point, serves }));
}

function split(vectors: Float32Array, dimension: number): Float32Array[] {
  return Array.from({ length: vectors.length / dimension }, (_, i) =>
    vectors.subarray(i * dimension, (i + 1) * dimension),
  );
}
