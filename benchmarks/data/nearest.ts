import { type Rows, vectorAt } from "../engines/engine.ts";

/** Dot product in float64. */
export function dot(a: Float32Array, b: Float32Array): number {
  let even = 0;
  let odd = 0;
  const pairs = a.length & ~1;
  for (let i = 0; i < pairs; i += 2) {
    even += (a[i] as number) * (b[i] as number);
    odd += (a[i + 1] as number) * (b[i + 1] as number);
  }
  if (pairs < a.length) even += (a[pairs] as number) * (b[pairs] as number);
  return even + odd;
}

/** Exact nearest `k` rows of each query by cosine (unit vectors), best first, ties by lower row: `queries × k` rows. */
export function exactNearest(rows: Rows, queries: Float32Array, k: number): Int32Array {
  const count = queries.length / rows.dimension;
  const nearest = new Int32Array(count * k);
  for (let q = 0; q < count; q++) {
    const query = queries.subarray(q * rows.dimension, (q + 1) * rows.dimension);
    const best: { row: number; score: number }[] = [];
    for (let row = 0; row < rows.count; row++) {
      const score = dot(query, vectorAt(rows, row));
      if (best.length === k && score <= (best[k - 1]?.score ?? 0)) continue;
      let at = best.length;
      while (at > 0 && score > (best[at - 1]?.score ?? 0)) at--;
      best.splice(at, 0, { row, score });
      if (best.length > k) best.pop();
    }
    best.forEach(({ row }, i) => (nearest[q * k + i] = row));
  }
  return nearest;
}
