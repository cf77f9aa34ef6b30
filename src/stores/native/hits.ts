import type { EngineHit, EngineResult } from "../../engine/port.ts";
import type { DocumentText } from "../../model.ts";
import type { Hits } from "./binding.d.ts";
import { floats, stringOf } from "./columns.ts";

/** Makes the answer of a search out of its columns. */
export function toResult({ generation, sequence, ids, scores, texts, metadata, vectors }: Hits): EngineResult {
  const hits: EngineHit[] = [];
  const rows = vectors && floats(vectors);
  for (let i = 0; i < ids.ends.length; i++) {
    const ofLegs: { vector?: number; text?: number } = {};
    const vector = scores[3 * i + 1] as number;
    const text = scores[3 * i + 2] as number;
    if (!Number.isNaN(vector)) ofLegs.vector = vector;
    if (!Number.isNaN(text)) ofLegs.text = text;
    const hit: { -readonly [K in keyof EngineHit]: EngineHit[K] } = {
      id: stringOf(ids, i),
      score: scores[3 * i] as number,
      scores: ofLegs,
    };
    const json = texts && stringOf(texts, i);
    if (json) hit.text = JSON.parse(json) as DocumentText;
    const object = metadata && stringOf(metadata, i);
    if (object) hit.metadata = object;
    const row = rows?.[i];
    if (row) hit.vector = row;
    hits.push(hit);
  }
  return { hits, generation, sequence };
}
