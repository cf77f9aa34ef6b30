import type { Metric } from "../../model.ts";
import { GennakerError } from "../../errors.ts";

/** Score of two vectors under a metric, in f64: larger is better, distances are negated. */
export function vectorScore(metric: Metric, a: Float32Array, b: Float32Array): number {
  switch (metric) {
    case "cosine":
      return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    case "dot":
      return dot(a, b);
    case "l2":
      return -Math.sqrt(sum(a, b, (x, y) => (x - y) ** 2));
    case "l1":
      return -sum(a, b, (x, y) => Math.abs(x - y));
    default:
      throw new GennakerError(
        "GENNAKER_UNSUPPORTED",
        `The memory engine has no metric "${metric}"; it has cosine, dot, l2 and l1.`,
      );
  }
}

/** Whether a vector has no direction. */
export function isZero(vector: Float32Array): boolean {
  return vector.every((x) => x === 0);
}

function dot(a: Float32Array, b: Float32Array): number {
  return sum(a, b, (x, y) => x * y);
}

function sum(a: Float32Array, b: Float32Array, term: (x: number, y: number) => number): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += term(a[i] as number, b[i] as number);
  return total;
}
