import type { EngineDocument, EnginePatch } from "../../engine/port.ts";
import type { DocumentText } from "../../model.ts";
import type { Documents, Place, Written } from "./binding.d.ts";
import { flatten, floats, stringOf } from "./columns.ts";

/** The length of a vector whose whole document is missing. */
const MISSING = -2;

/** Documents out of their columns; `null` where one is missing. */
export function toDocuments({ ids, vectors, texts, metadata }: Documents): (EngineDocument | null)[] {
  const rows = floats(vectors);
  return rows.map((vector, i) => {
    if (vectors.lengths[i] === MISSING) return null;
    const document: { -readonly [K in keyof EngineDocument]: EngineDocument[K] } = { id: stringOf(ids, i) };
    if (vector) document.vector = vector;
    const text = stringOf(texts, i);
    if (text) document.text = JSON.parse(text) as DocumentText;
    const json = stringOf(metadata, i);
    if (json) document.metadata = json;
    return document;
  });
}

/** Sends documents as columns; a column that no document has stays empty. */
export function upsert(place: Place, documents: readonly EngineDocument[], isSynced: boolean): Promise<Written> {
  const ids = documents.map(({ id }) => id);
  const hasVectors = documents.some(({ vector }) => vector);
  const hasTexts = documents.some(({ text }) => text !== undefined);
  const hasMetadata = documents.some(({ metadata }) => metadata !== undefined);
  const { values, lengths } = flatten(hasVectors ? documents.map(({ vector }) => vector) : []);
  const texts = hasTexts ? documents.map(({ text }) => (text === undefined ? "" : JSON.stringify(text))) : [];
  const metadata = hasMetadata ? documents.map(({ metadata }) => metadata ?? "") : [];
  return place.upsert(ids, values, lengths, texts, metadata, isSynced);
}

/** Sends a merge patch: `null` becomes an empty vector, or JSON's `null`. */
export function update(place: Place, patch: EnginePatch, isSynced: boolean): Promise<Written> {
  const { id, vector, text, metadata } = patch;
  const vectorPatch = vector === null ? new Float32Array() : vector;
  const textPatch = text === undefined ? undefined : JSON.stringify(text);
  return place.update(id, vectorPatch, textPatch, metadata === null ? "null" : metadata, isSynced);
}
