import type { EngineFusion } from "../../engine/port.ts";

/** A document that a leg proposed, with the exact scores of both legs and its 1-based rank in each leg that proposed it. */
export interface Candidate {
  readonly vector?: number;
  readonly text?: number;
  readonly vectorRank?: number;
  readonly textRank?: number;
}
/** What the balanced rule knows of the collection: U(q), and mean and deviation of the vector scores. */
export interface FusionStatistics {
  readonly bound: number;
  readonly mean: number;
  readonly deviation: number;
  readonly lambda: number;
}

/** One score for each candidate: larger is better. FUSION.md; Bruch et al. 2022 (arXiv:2210.11934) for convex; Cormack 2009 for RRF. */
export function fuse(candidates: readonly Candidate[], fusion: EngineFusion, statistics: FusionStatistics): number[] {
  const weights = { vector: fusion.weights.vector ?? 0.5, text: fusion.weights.text ?? 0.5 };
  switch (fusion.method) {
    case "balanced": {
      const { bound, mean, deviation } = statistics;
      const lambda = fusion.weights.vector ?? statistics.lambda;
      const share = fusion.weights.text ?? 1;
      return candidates.map(({ vector, text }) => {
        const left = bound > 0 ? (share * (text ?? 0)) / bound : 0;
        return left + (vector === undefined || deviation < 0.001 ? 0 : (lambda * (vector - mean)) / deviation);
      });
    }
    case "convex": {
      const vector = minMax(candidates.map((one) => one.vector));
      const text = minMax(candidates.map((one) => one.text));
      return candidates.map((_, i) => weights.vector * (vector[i] ?? 0) + weights.text * (text[i] ?? 0));
    }
    case "rrf": {
      const term = (rank: number | undefined): number => (rank === undefined ? 0 : 1 / (fusion.rrfK + rank));
      const [vector, text] = [fusion.weights.vector ?? 1, fusion.weights.text ?? 1];
      return candidates.map((one) => vector * term(one.vectorRank) + text * term(one.textRank));
    }
    case "dbsf": {
      const vector = threeSigma(candidates.map((one) => one.vector));
      const text = threeSigma(candidates.map((one) => one.text));
      return candidates.map((_, i) => weights.vector * (vector[i] ?? 0) + weights.text * (text[i] ?? 0));
    }
    default:
      return fusion.method satisfies never;
  }
}

/** Mean and population standard deviation. */
export function meanAndDeviation(values: readonly number[]): { mean: number; deviation: number } {
  if (values.length === 0) return { mean: 0, deviation: 0 };
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length) };
}

function minMax(values: readonly (number | undefined)[]): (number | undefined)[] {
  const known = values.filter((x) => x !== undefined);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return values.map((x) => (x === undefined ? undefined : high > low ? (x - low) / (high - low) : 0));
}

function threeSigma(values: readonly (number | undefined)[]): (number | undefined)[] {
  const { mean, deviation } = meanAndDeviation(values.filter((x) => x !== undefined));
  return values.map((x) =>
    x === undefined ? undefined : deviation > 0 ? (x - mean + 3 * deviation) / (6 * deviation) : 0.5,
  );
}
