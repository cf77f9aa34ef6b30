import type { EngineHit, EngineResult } from "../../engine/port.ts";
import type { DocumentText } from "../../model.ts";
import type { Hits } from "./binding.d.ts";
import { floats } from "./columns.ts";

/** Numbers before the first hit, and of each hit; their order is that of crates/node/src/search.rs. */
const HEAD = 2;
const ROW = 6;

/** Makes the answer of a search out of its columns. */
export function toResult({ numbers, ids, contents, vectors }: Hits): EngineResult {
  const hits: EngineHit[] = [];
  const rows = vectors && floats(vectors);
  const number = (at: number): number => numbers[at] as number;
  let idFrom = 0;
  let from = 0;
  for (let at = HEAD, i = 0; at < numbers.length; at += ROW, i++) {
    const [vector, text] = [number(at + 1), number(at + 2)];
    const [idEnd, textEnd, end] = [number(at + 3), number(at + 4), number(at + 5)];
    const scores: { vector?: number; text?: number } = {};
    if (!Number.isNaN(vector)) scores.vector = vector;
    if (!Number.isNaN(text)) scores.text = text;
    const hit: { -readonly [K in keyof EngineHit]: EngineHit[K] } = {
      id: ids.slice(idFrom, idEnd),
      score: number(at),
      scores,
    };
    if (textEnd > from) hit.text = JSON.parse(contents.slice(from, textEnd)) as DocumentText;
    if (end > textEnd) hit.metadata = contents.slice(textEnd, end);
    const row = rows?.[i];
    if (row) hit.vector = row;
    hits.push(hit);
    idFrom = idEnd;
    from = end;
  }
  return { hits, generation: number(0), sequence: number(1) };
}
