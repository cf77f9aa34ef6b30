import type { EngineFusion } from "../../engine/port.ts";

/** The exact scores of a document that some leg proposed; `text` is 0 when no word matches. */
export interface Candidate {
  readonly vector?: number;
  readonly text: number;
}
/** What the balanced rule knows of a query: U(q), mean and deviation of its vector scores, and the default λ. */
export interface FusionStatistics {
  readonly bound: number;
  readonly mean: number;
  readonly deviation: number;
  readonly lambda: number;
}

/**
 * One score for each candidate, larger is better. `candidates` are in ascending order of id, which breaks ties of ranks.
 * Balanced: FUSION.md. Convex and DBSF: weighted sums of scores normalised over the candidates by minimum and maximum
 * (Bruch et al. 2022, arXiv:2210.11934) or by mean ± 3 deviations. RRF: Σ weight / (k + rank), Cormack et al. 2009.
 */
export function fuse(
  candidates: readonly Candidate[],
  { method, weights, rrfK }: EngineFusion,
  statistics: FusionStatistics,
): number[] {
  const vectors = candidates.map((one) => one.vector);
  const texts = candidates.map((one) => one.text);
  switch (method) {
    case "balanced": {
      const { bound, mean, deviation } = statistics;
      const [lambda, share] = [weights.vector ?? statistics.lambda, weights.text ?? 1];
      const vectorTerm = (x: number | undefined): number =>
        x === undefined || deviation < 0.001 ? 0 : (lambda * (x - mean)) / deviation;
      return candidates.map(({ vector, text }) => (bound > 0 ? (share * text) / bound : 0) + vectorTerm(vector));
    }
    case "rrf": {
      const share = (weight: number, rank: number | undefined): number =>
        rank === undefined ? 0 : weight / (rrfK + rank);
      const byVector = ranks(vectors);
      const byText = ranks(texts.map((x) => (x > 0 ? x : undefined)));
      return candidates.map((_, i) => share(weights.vector ?? 1, byVector[i]) + share(weights.text ?? 1, byText[i]));
    }
    case "convex":
    case "dbsf": {
      const normalised = method === "convex" ? minMax : threeDeviations;
      const [byVector, byText] = [normalised(vectors), normalised(texts)];
      const vectorWeight = weights.vector ?? (weights.text === undefined ? 0.5 : 1 - weights.text);
      const textWeight = weights.text ?? 1 - vectorWeight;
      return candidates.map((_, i) => vectorWeight * (byVector[i] ?? 0) + textWeight * (byText[i] ?? 0));
    }
    default:
      return method satisfies never;
  }
}

/** Mean and population standard deviation; zeros without values. */
export function meanAndDeviation(values: readonly number[]): { mean: number; deviation: number } {
  if (values.length === 0) return { mean: 0, deviation: 0 };
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length) };
}

type Scores = readonly (number | undefined)[];

function ranks(scores: Scores): (number | undefined)[] {
  const order = [...scores.keys()].filter((i) => scores[i] !== undefined);
  order.sort((i, j) => (scores[j] as number) - (scores[i] as number));
  const places: (number | undefined)[] = scores.map(() => undefined);
  order.forEach((i, place) => (places[i] = place + 1));
  return places;
}

function minMax(scores: Scores): (number | undefined)[] {
  const known = scores.filter((x) => x !== undefined);
  return between(scores, Math.min(...known), Math.max(...known));
}

function threeDeviations(scores: Scores): (number | undefined)[] {
  const { mean, deviation } = meanAndDeviation(scores.filter((x) => x !== undefined));
  return between(scores, mean - 3 * deviation, mean + 3 * deviation);
}

/** 0 at the lower bound, 1 at the upper one; 1 when they are the same, as all are equally good then. */
function between(scores: Scores, low: number, high: number): (number | undefined)[] {
  const place = (x: number): number => Math.min(1, Math.max(0, (x - low) / (high - low)));
  return scores.map((x) => (x === undefined ? undefined : high > low ? place(x) : 1));
}
