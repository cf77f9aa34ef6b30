import { abortReason, GennakerError } from "../errors.ts";
import type { Embedder, EmbedKind, Embeddings } from "./port.ts";

const DEFAULT_BATCH = 64;

/**
 * One vector for each text. Cuts batches as the embedder asks, checks what comes back (count, one dimension, finite numbers)
 * and names the embedder in every failure.
 *
 * @throws `EMBEDDER_FAILED` with the embedder's error as cause; `AbortError`.
 */
export async function embedTexts(
  embedder: Embedder,
  texts: readonly string[],
  kind: EmbedKind,
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  const size = Math.max(1, embedder.maxBatch ?? DEFAULT_BATCH);
  const batches: { from: number; texts: readonly string[] }[] = [];
  for (let from = 0; from < texts.length; from += size) batches.push({ from, texts: texts.slice(from, from + size) });
  const vectors: Float32Array[] = [];
  const lane = async (): Promise<void> => {
    for (let batch = batches.shift(); batch; batch = batches.shift()) {
      const rows = await embedBatch(embedder, batch.texts, kind, signal);
      rows.forEach((row, i) => (vectors[(batch as { from: number }).from + i] = row));
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, embedder.parallel ?? 1) }, lane));
  const dimension = embedder.dimensions ?? vectors[0]?.length;
  const odd = vectors.find((vector) => vector.length !== dimension);
  if (odd) throw failed(embedder, `returned a vector of ${odd.length} components where ${dimension} were expected`);
  return vectors;
}

async function embedBatch(
  embedder: Embedder,
  texts: readonly string[],
  kind: EmbedKind,
  signal: AbortSignal | undefined,
): Promise<Float32Array[]> {
  if (signal?.aborted) throw abortReason(signal);
  let result: Embeddings;
  try {
    result = await untilAborted(embedder.embed(texts, { kind, signal }), signal);
  } catch (cause) {
    if (signal?.aborted) throw abortReason(signal);
    throw failed(embedder, `failed: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  return rowsOf(embedder, result, texts.length);
}

/** An embedder that does not listen to its signal is left behind. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await work;
  return await new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(abortReason(signal));
    signal.addEventListener("abort", onAbort);
    void work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

function rowsOf(embedder: Embedder, result: unknown, count: number): Float32Array[] {
  let rows: Float32Array[];
  if (result instanceof Float32Array) {
    const dimension = result.length / count;
    if (!Number.isInteger(dimension) || dimension === 0)
      throw failed(embedder, `returned ${result.length} numbers for ${count} texts`);
    rows = Array.from({ length: count }, (_, i) => result.slice(i * dimension, (i + 1) * dimension));
  } else {
    if (!Array.isArray(result)) throw failed(embedder, "returned neither an array of vectors nor a Float32Array");
    if (result.length !== count) throw failed(embedder, `returned ${result.length} vectors for ${count} texts`);
    rows = result.map((row: unknown) => {
      if (row instanceof Float32Array || Array.isArray(row)) return Float32Array.from(row as ArrayLike<number>);
      throw failed(embedder, "returned a row that is no vector");
    });
  }
  if (rows.some((row) => row.length === 0 || row.some((x) => !Number.isFinite(x)))) {
    throw failed(embedder, "returned a vector that is empty or holds NaN or an infinity");
  }
  return rows;
}

function failed(embedder: Embedder, what: string, cause?: unknown): GennakerError {
  return new GennakerError("GENNAKER_EMBEDDER_FAILED", `Embedder "${embedder.id}" ${what}.`, {
    details: { embedder: embedder.id },
    ...(cause === undefined ? {} : { cause }),
  });
}
