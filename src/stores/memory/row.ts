import type { EngineDocument } from "../../engine/port.ts";
import type { JsonObject, TextFieldInfo } from "../../model.ts";
import { hashVector } from "./hash-embedder.ts";
import { analyze, indexTerm } from "./text/analyze.ts";

/** One stored document with what searches need. Rows are never changed, only replaced, so snapshots share them. */
export interface Row {
  readonly namespace: string;
  readonly document: EngineDocument;
  readonly metadata: JsonObject | undefined;
  /** The document's vector, or the built-in embedder's. */
  readonly vector: Float32Array | undefined;
  /** By field: counted words, and the positions of every index term. */
  readonly text: ReadonlyMap<string, FieldText>;
}
/** The analysed text of one field. */
export interface FieldText {
  readonly length: number;
  readonly positions: ReadonlyMap<string, readonly number[]>;
}

/** The text of a document by field; a plain string is the field `text`. */
export function textFields(text: EngineDocument["text"]): [string, string][] {
  if (text === undefined) return [];
  return typeof text === "string" ? [["text", text]] : Object.entries(text);
}

/** Analyses a document for storage. */
export function makeRow(
  namespace: string,
  document: EngineDocument,
  fields: readonly TextFieldInfo[],
  embeds: boolean,
): Row {
  const text = new Map<string, FieldText>();
  const counts = new Map<string, number>();
  for (const [name, value] of textFields(document.text)) {
    const language = fields.find((field) => field.name === name)?.language ?? "none";
    const positions = new Map<string, number[]>();
    let length = 0;
    for (const token of analyze(value, language)) {
      const term = indexTerm(token);
      const known = positions.get(term);
      if (known) known.push(token.position);
      else positions.set(term, [token.position]);
      if (!token.counted) continue;
      length += 1;
      counts.set(term, (counts.get(term) ?? 0) + 1);
    }
    text.set(name, { length, positions });
  }
  const metadata = document.metadata === undefined ? undefined : (JSON.parse(document.metadata) as JsonObject);
  const vector = embeds ? hashVector(counts, () => 1) : document.vector;
  return { namespace, document, metadata, vector, text };
}
