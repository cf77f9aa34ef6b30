import type { Strings, Vectors } from "./binding.d.ts";

/** String `i` of a column. */
export function stringOf({ text, ends }: Strings, i: number): string {
  return text.slice(i === 0 ? 0 : ends[i - 1], ends[i]);
}

/** Vectors row by row, each in memory of its own; `undefined` where a row has none. */
export function floats({ values, lengths }: Vectors): (Float32Array | undefined)[] {
  let from = 0;
  return Array.from(lengths, (length) => {
    if (length < 0) return undefined;
    from += length;
    return values.slice(from - length, from);
  });
}

/** Vectors as one array and the length of each, -1 for none. */
export function flatten(vectors: readonly (Float32Array | undefined)[]): { values: Float32Array; lengths: Int32Array } {
  const lengths = Int32Array.from(vectors, (vector) => vector?.length ?? -1);
  const values = new Float32Array(lengths.reduce((sum, length) => sum + Math.max(0, length), 0));
  let from = 0;
  for (const vector of vectors) {
    if (!vector) continue;
    values.set(vector, from);
    from += vector.length;
  }
  return { values, lengths };
}
