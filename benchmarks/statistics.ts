/** Value below which the share `q` of `values` lies: linear between neighbours (type 7 of Hyndman and Fan). NaN when empty. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = Float64Array.from(values).toSorted();
  if (sorted.length === 0) return Number.NaN;
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const below = sorted[low] as number;
  const above = sorted[Math.min(low + 1, sorted.length - 1)] as number;
  return below + (above - below) * (at - low);
}

/** Middle of the values. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** How far rounds lie apart: (largest − smallest) / median. 0 for one round. */
export function spread(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const middle = median(values);
  return middle === 0 ? 0 : (Math.max(...values) - Math.min(...values)) / Math.abs(middle);
}

/** Share of `expected` that is in `found`; 1 when nothing was expected. */
export function overlap(found: readonly number[], expected: readonly number[]): number {
  if (expected.length === 0) return 1;
  const set = new Set(found);
  return expected.filter((row) => set.has(row)).length / expected.length;
}

/** nDCG@k with linear gains, as TREC's tools compute it (Järvelin and Kekäläinen 2002). */
export function ndcg(
  found: readonly number[],
  judged: readonly (readonly [row: number, grade: number])[],
  k = 10,
): number {
  const gains = new Map(judged);
  const sum = (grades: readonly number[]) =>
    grades.slice(0, k).reduce((total, grade, rank) => total + grade / Math.log2(rank + 2), 0);
  const ideal = sum([...gains.values()].toSorted((a, b) => b - a));
  return ideal === 0 ? 0 : sum(found.map((row) => gains.get(row) ?? 0)) / ideal;
}

/** Mean; NaN when empty. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
