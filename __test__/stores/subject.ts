import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Engine, EngineDocument, EngineEvent, EngineQuery, Place } from "../../src/engine/port.ts";
import { openNative } from "../../src/stores/native/engine.ts";

export const DIMENSION = 64;
/** Where tests write. */
export const docs: Place = { target: "live", collection: "docs", namespace: "" };

/** A native engine that is closed when its test has finished; it has the collection `docs`. */
export async function openEngine(path?: string, onEvent: (event: EngineEvent) => void = () => {}): Promise<Engine> {
  const engine = await openNative(path, {
    readOnly: false,
    retention: { count: 3 },
    followMs: 200,
    threads: 0,
    onEvent,
  });
  onTestFinished(() => engine.close());
  await engine.openCollection("live", "docs", { dimension: DIMENSION });
  return engine;
}

/** An empty folder that goes when its test has finished. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "gennaker-native-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A vector of whole numbers; another one for each `seed`. */
export const vector = (seed: number): Float32Array =>
  Float32Array.from({ length: DIMENSION }, (_, i) => (Math.imul(seed + 1, 2654435761 + i * 40503) >>> 9) % 201);

/** Documents with vector and text. */
export const documents = (count: number, from = 0): EngineDocument[] =>
  Array.from({ length: count }, (_, i) => ({
    id: String(from + i),
    vector: vector(from + i),
    text: `document ${from + i}`,
  }));

/** A vector search. */
export const near = (to: Float32Array, k = 10): EngineQuery => ({
  kind: "vector",
  vector: to,
  k,
  offset: 0,
  recall: 0.95,
  fusion: { method: "balanced", weights: {}, rrfK: 60, candidates: 100 },
  include: { vector: false, text: false, metadata: false },
});

/** Ids of all documents of a place. */
export async function idsOf(engine: Engine, place: Place = docs): Promise<string[]> {
  const ids: string[] = [];
  for await (const chunk of engine.scan(place, undefined)) ids.push(...chunk.map(({ id }) => id));
  return ids;
}
