import { GennakerError } from "../errors.ts";
import type { EngineDocument, EnginePatch } from "../engine/port.ts";
import type { DocumentText } from "../model.ts";
import { copyJson, isPlain } from "./json.ts";
import { checkId, checkKeys, kindOf } from "./names.ts";
import { copyVector } from "./vectors.ts";

const MAX_METADATA_BYTES = 1 << 20;
const MAX_TEXT_BYTES = 16 << 20;
const MAX_BATCH = 100_000;
const MAX_BATCH_BYTES = 256 << 20;
const DOCUMENT_KEYS = ["id", "vector", "vectors", "text", "metadata"];
const PATCH_KEYS = ["vector", "vectors", "text", "metadata"];

type At = Readonly<Record<string, unknown>>;

/** A validated copy of one document. `position` is its index in the call. */
export function copyDocument(input: unknown, position: number): EngineDocument {
  const path = `documents[${position}]`;
  const document = checkObject(input, path, DOCUMENT_KEYS, { position });
  const id = checkId(document["id"], `${path}.id`, { position });
  const at = { position, id };
  refuseNamed(document["vectors"], at);
  const { vector, text, metadata } = document;
  return {
    id,
    ...(vector === undefined ? {} : { vector: copyVector(vector, `${path}.vector`, at) }),
    ...(text === undefined ? {} : { text: copyText(text, `${path}.text`, at) }),
    ...(metadata === undefined ? {} : { metadata: metadataText(metadata, `${path}.metadata`, at) }),
  };
}

/** Validated copies of a batch: ids distinct, within the limits of one batch. */
export function copyDocuments(input: unknown): EngineDocument[] {
  if (!Array.isArray(input)) throw new TypeError(`documents must be an array, not ${kindOf(input)}.`);
  checkBatchLength(input.length);
  const documents = input.map((one, position) => copyDocument(one, position));
  checkBatch(documents);
  return documents;
}

/** Refuses an id twice and more bytes than one batch may have. */
export function checkBatch(documents: readonly EngineDocument[]): void {
  const seen = new Map<string, number>();
  let bytes = 0;
  documents.forEach((document, position) => {
    const first = seen.get(document.id);
    if (first !== undefined) {
      throw new GennakerError(
        "GENNAKER_INVALID_ID",
        `documents[${first}] and documents[${position}] have the same id "${document.id}". Send each id once.`,
        {
          details: { position, first, id: document.id },
        },
      );
    }
    seen.set(document.id, position);
    bytes += byteLength(document);
  });
  if (bytes > MAX_BATCH_BYTES)
    throw limit("A batch", bytes, MAX_BATCH_BYTES, "bytes", {}, "Send several, or use ingest.");
}

/** Refuses more documents than one batch may have. */
export function checkBatchLength(length: number): void {
  if (length > MAX_BATCH) throw limit("A batch", length, MAX_BATCH, "documents", {}, "Send several, or use ingest.");
}

/** About how many bytes a document takes; cuts batches. */
export function byteLength(document: EngineDocument): number {
  const text =
    typeof document.text === "string" ? document.text.length : Object.values(document.text ?? {}).join("").length;
  return document.id.length + (document.vector?.byteLength ?? 0) + text + (document.metadata?.length ?? 0);
}

/** A validated copy of a merge patch. */
export function copyPatch(id: unknown, input: unknown): EnginePatch {
  const at = { id: checkId(id, "id") };
  const { vector, vectors, text, metadata } = checkObject(input, "patch", PATCH_KEYS, at);
  refuseNamed(vectors, at);
  return {
    ...at,
    ...(vector === undefined ? {} : { vector: vector === null ? null : copyVector(vector, "patch.vector", at) }),
    ...(text === undefined ? {} : { text: text === null ? null : copyPatchText(text, at) }),
    ...(metadata === undefined
      ? {}
      : { metadata: metadata === null ? null : metadataText(metadata, "patch.metadata", at) }),
  };
}

/** A validated copy of a document's text. */
export function copyText(text: unknown, path: string, at: At): DocumentText {
  const fields = typeof text === "string" ? [["text", text]] : Object.entries(checkObject(text, path, undefined, at));
  let bytes = 0;
  for (const [name, value] of fields) {
    if (typeof value !== "string") throw new TypeError(`${path}.${name} must be a string, not ${kindOf(value)}.`);
    if (name === "" || name === undefined || !name.isWellFormed() || !value.isWellFormed()) {
      throw new GennakerError(
        "GENNAKER_INVALID_SCHEMA",
        `${path} has ${name === "" ? "a field without a name" : "a lone surrogate; use toWellFormed()"}.`,
        { details: at },
      );
    }
    bytes += Buffer.byteLength(value);
  }
  if (bytes > MAX_TEXT_BYTES) throw limit(path, bytes, MAX_TEXT_BYTES, "bytes", at, "Cut it into passages.");
  return typeof text === "string" ? text : (Object.fromEntries(fields) as { [field: string]: string });
}

function copyPatchText(text: unknown, at: At): NonNullable<EnginePatch["text"]> {
  if (typeof text === "string") return copyText(text, "patch.text", at);
  const fields = Object.entries(checkObject(text, "patch.text", undefined, at));
  const kept = copyText(Object.fromEntries(fields.filter(([, value]) => value !== null)), "patch.text", at) as {
    [field: string]: string;
  };
  return { ...kept, ...Object.fromEntries(fields.filter(([, value]) => value === null).map(([name]) => [name, null])) };
}

/** The JSON text of metadata. */
export function metadataText(metadata: unknown, path: string, at: At): string {
  checkObject(metadata, path, undefined, at);
  const text = JSON.stringify(copyJson(metadata, { path, code: "GENNAKER_INVALID_SCHEMA", details: at }));
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_METADATA_BYTES)
    throw limit(path, bytes, MAX_METADATA_BYTES, "bytes", at, "Store large values elsewhere.");
  return text;
}

function checkObject(
  value: unknown,
  path: string,
  keys: readonly string[] | undefined,
  at: At,
): { readonly [key: string]: unknown } {
  if (typeof value !== "object" || value === null || Array.isArray(value) || (keys === undefined && !isPlain(value))) {
    throw new TypeError(`${path} must be a plain object, not ${kindOf(value)}.`);
  }
  if (keys) {
    checkKeys(value, keys, (key) => {
      return new GennakerError(
        "GENNAKER_INVALID_SCHEMA",
        `${path} has the unknown key "${key}"; known are ${keys.join(", ")}. Other values belong in metadata.`,
        {
          details: { ...at, key },
        },
      );
    });
  }
  return value as { readonly [key: string]: unknown };
}

function refuseNamed(vectors: unknown, at: At): void {
  if (vectors === undefined) return;
  throw new GennakerError(
    "GENNAKER_UNSUPPORTED",
    "Named vectors are not stored by this version; use the default vector.",
    { details: at },
  );
}

function limit(what: string, actual: number, most: number, unit: string, at: At, hint: string): GennakerError {
  return new GennakerError(
    "GENNAKER_LIMIT_EXCEEDED",
    `${what} has ${actual} ${unit}; at most ${most} are allowed. ${hint}`,
    {
      details: { ...at, actual, limit: most },
    },
  );
}
