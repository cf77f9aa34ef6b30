import { Random } from "./random.ts";

/** What made vectors look like. */
export interface Synthetic {
  readonly count: number;
  readonly dimension: number;
  /** Directions that the points really vary in; an index's work grows with it, not with `dimension`. */
  readonly intrinsic: number;
  readonly clusters: number;
  readonly seed: number;
}

/**
 * Unit vectors with the structure of embeddings: clusters on a linear subspace of known dimension, and a little noise around
 * it. Uniform random vectors would have no neighbours worth finding. Returned row after row.
 */
export function syntheticVectors({ count, dimension, intrinsic, clusters, seed }: Synthetic): Float32Array {
  const random = new Random(seed);
  const normals = (n: number) => Float64Array.from({ length: n }, () => random.normal());
  const basis = normals(intrinsic * dimension);
  const centres = normals(clusters * intrinsic);
  const vectors = new Float32Array(count * dimension);
  const latent = new Float64Array(intrinsic);
  for (let row = 0; row < count; row++) {
    const centre = random.below(clusters) * intrinsic;
    for (let i = 0; i < intrinsic; i++) latent[i] = (centres[centre + i] ?? 0) + 0.7 * random.normal();
    const vector = vectors.subarray(row * dimension, (row + 1) * dimension);
    for (let d = 0; d < dimension; d++) vector[d] = 0.1 * (random.uniform() - 0.5);
    for (let i = 0; i < intrinsic; i++) {
      const weight = latent[i] ?? 0;
      for (let d = 0; d < dimension; d++) vector[d] = (vector[d] ?? 0) + weight * (basis[i * dimension + d] ?? 0);
    }
    normalize(vector);
  }
  return vectors;
}

/** Scales to unit length in place. */
export function normalize(vector: Float32Array): void {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  for (let d = 0; d < vector.length; d++) vector[d] = (vector[d] ?? 0) * scale;
}
