import { AbortError, GennakerError } from "../errors.ts";
import type { GateCheck } from "../model.ts";
import type { Engine, EngineCall, EngineDocument, EngineGate, EngineQuery, Place } from "./port.ts";

/** What an engine knows of the generation that wants to go live. */
export interface Candidate {
  readonly generation: number;
  /** Documents in all collections. */
  readonly count: number;
  /** What is wrong with its files, one entry each. */
  readonly problems: readonly string[];
  /** Lower bound of recall@10 against an exact scan; 1 where every answer is exact. */
  readonly recallLowerBound: number;
}
interface Timed {
  readonly place: Place;
  readonly query: EngineQuery;
}

/** Queries that a latency check times, and how often each. */
const TIMED_QUERIES = 16;
const ROUNDS = 3;
/** Words of a document that make a query when the gate has no canaries. */
const QUERY_WORDS = 6;

/**
 * Every check of a gate with what was measured. Canaries and latency are asked through the port, as a caller would ask.
 * Latency is the median over the canaries' queries (or, without canaries, queries made from documents) as a ratio to the live
 * generation's on the same queries.
 */
export async function checkGate(
  engine: Pick<Engine, "search" | "scan" | "collections">,
  candidate: Candidate,
  gate: EngineGate,
  call: EngineCall,
): Promise<GateCheck[]> {
  const { generation, problems, count, recallLowerBound } = candidate;
  const checks: GateCheck[] = [
    {
      name: "checksums",
      passed: problems.length === 0,
      ...(problems.length === 0 ? {} : { measured: problems.join("; ") }),
    },
  ];
  if (gate.minCount !== undefined) checks.push(atLeast("minCount", gate.minCount, count));
  if (gate.recall !== undefined) checks.push(atLeast("recall", gate.recall, recallLowerBound));
  for (const [i, { collection, namespace, query, expect, atLeast: required }] of gate.canaries.entries()) {
    const { hits } = await engine.search({ target: { generation }, collection, namespace }, query, call);
    const found = new Set(hits.map(({ id }) => id));
    checks.push(atLeast(`canaries[${i}]`, required, expect.filter((id) => found.has(id)).length));
  }
  if (gate.latency !== undefined) checks.push(await checkLatency(engine, generation, gate.latency, gate, call));
  return checks;
}

/** The error of a gate that was not passed: `details.checks` has every check, the message every refused one. */
export function gateRefused(generation: number, checks: readonly GateCheck[]): GennakerError {
  const reasons = checks
    .filter(({ passed }) => !passed)
    .map(({ name, required, measured }) => `${name} is ${measured ?? "not met"}, required ${required ?? "true"}`);
  return new GennakerError(
    "GENNAKER_GATE_REFUSED",
    `Generation ${generation} was not promoted: ${reasons.join("; ")}.`,
    {
      details: { generation, checks },
    },
  );
}

function atLeast(name: string, required: number, measured: number): GateCheck {
  return { name, passed: measured >= required, required, measured };
}

async function checkLatency(
  engine: Pick<Engine, "search" | "scan" | "collections">,
  generation: number,
  required: number,
  { canaries }: EngineGate,
  call: EngineCall,
): Promise<GateCheck> {
  const target = { generation };
  const asked = canaries.map(({ collection, namespace, query }) => ({
    place: { target, collection, namespace },
    query,
  }));
  const live = new Set((await engine.collections("live")).map(({ name }) => name));
  const queries = (asked.length > 0 ? asked : await madeQueries(engine, generation, call)).filter(({ place }) =>
    live.has(place.collection),
  );
  if (queries.length === 0) return { name: "latency", passed: true, required, measured: "nothing to compare with" };
  const times: [candidate: number[], live: number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    for (const { place, query } of queries) {
      // alternating, so that a busy moment hits both
      times[0].push(await timeOf(engine, place, query, call));
      times[1].push(await timeOf(engine, { ...place, target: "live" }, query, call));
    }
  }
  const ratio = median(times[0]) / median(times[1]);
  return { name: "latency", passed: ratio <= required, required, measured: Math.round(ratio * 1000) / 1000 };
}

async function timeOf(
  engine: Pick<Engine, "search">,
  place: Place,
  query: EngineQuery,
  call: EngineCall,
): Promise<number> {
  if (call.signal?.aborted) throw new AbortError(call.signal.reason);
  const started = performance.now();
  await engine.search(place, query, call);
  return performance.now() - started;
}

/** Queries out of the first documents of each collection: their vector, or their first words. */
async function madeQueries(
  engine: Pick<Engine, "scan" | "collections">,
  generation: number,
  call: EngineCall,
): Promise<Timed[]> {
  const target = { generation };
  const made: Timed[] = [];
  for (const { name } of await engine.collections(target)) {
    const place = { target, collection: name, namespace: "" };
    for await (const documents of engine.scan(place, undefined, call)) {
      for (const document of documents.slice(0, TIMED_QUERIES)) {
        const query = queryLike(document);
        if (query) made.push({ place, query });
      }
      break;
    }
  }
  return made;
}

function queryLike({ vector, text }: EngineDocument): EngineQuery | undefined {
  const base = {
    k: 10,
    offset: 0,
    recall: 0.95,
    fusion: { method: "balanced", weights: {}, rrfK: 60, candidates: 100 } as const,
    include: { vector: false, text: false, metadata: false },
  };
  if (vector) return { ...base, kind: "vector", vector };
  const plain = typeof text === "string" ? text : Object.values(text ?? {}).join(" ");
  const words = plain.split(/\s+/, QUERY_WORDS).join(" ").trim();
  return words ? { ...base, kind: "text", text: words } : undefined;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
