/** Components of the built-in embedder's vectors. */
export const HASH_DIMENSION = 128;
const SIGNS_PER_TERM = 8;

/**
 * The hash projection that stands in for latent semantic analysis: each term sets 8 of 128 signs, weighted `1 + ln tf`
 * times `weight` (idf in queries, 1 in documents). `undefined` without a term of positive weight.
 */
export function hashVector(
  counts: ReadonlyMap<string, number>,
  weight: (term: string) => number,
): Float32Array | undefined {
  const vector = new Float32Array(HASH_DIMENSION);
  let isEmpty = true;
  for (const [term, count] of counts) {
    const factor = weight(term) * (1 + Math.log(count));
    if (factor <= 0) continue;
    isEmpty = false;
    let state = hash(term);
    const used = new Set<number>();
    while (used.size < SIGNS_PER_TERM) {
      state = next(state);
      const index = state % HASH_DIMENSION;
      if (used.has(index)) continue;
      used.add(index);
      vector[index] = (vector[index] as number) + (state & 0x10000 ? factor : -factor);
    }
  }
  return isEmpty || vector.every((x) => x === 0) ? undefined : vector;
}

/** FNV-1a, 32 bits; also orders documents for the sample of a ranking's statistics. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}

/** One step of a 32-bit generator that visits well-mixed values (splitmix32). */
function next(state: number): number {
  let z = (state + 0x9e3779b9) >>> 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad) >>> 0;
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97) >>> 0;
  return (z ^ (z >>> 15)) >>> 0;
}
