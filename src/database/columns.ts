import { GennakerError } from "../errors.ts";
import type { EngineDocument } from "../engine/port.ts";
import { checkBatch, checkBatchLength, copyText, metadataText } from "./documents.ts";
import { checkId, checkKeys, kindOf } from "./names.ts";
import { copyVector } from "./vectors.ts";

const KEYS = ["ids", "vectors", "text", "metadata"];

/** Validated documents from columns; `vectors` is copied once and shared in rows. */
export function copyColumns(input: unknown): EngineDocument[] {
  if (typeof input !== "object" || input === null)
    throw new TypeError(`columns must be an object, not ${kindOf(input)}.`);
  checkKeys(
    input,
    KEYS,
    (key) =>
      new GennakerError(
        "GENNAKER_INVALID_SCHEMA",
        `columns has the unknown key "${key}"; known are ${KEYS.join(", ")}.`,
        { details: { key } },
      ),
  );
  const { ids, vectors, text, metadata } = input as { readonly [key: string]: unknown };
  if (!Array.isArray(ids)) throw new TypeError(`columns.ids must be an array, not ${kindOf(ids)}.`);
  checkBatchLength(ids.length);
  const texts = column(text, "text", ids.length);
  const metadatas = column(metadata, "metadata", ids.length);
  const row = rows(vectors, ids.length);
  const documents = ids.map((one: unknown, position): EngineDocument => {
    const id = checkId(one, `columns.ids[${position}]`, { position });
    const at = { position, id };
    const [words, data] = [texts[position], metadatas[position]];
    return {
      id,
      ...row(position, at),
      ...(words === undefined || words === null ? {} : { text: copyText(words, `columns.text[${position}]`, at) }),
      ...(data === undefined || data === null
        ? {}
        : { metadata: metadataText(data, `columns.metadata[${position}]`, at) }),
    };
  });
  checkBatch(documents);
  return documents;
}

function column(value: unknown, name: string, length: number): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new TypeError(`columns.${name} must be an array, not ${kindOf(value)}.`);
  if (value.length === length) return value;
  throw new GennakerError(
    "GENNAKER_INVALID_SCHEMA",
    `columns.${name} has ${value.length} rows, columns.ids ${length}. Give each row a value, or null.`,
    {
      details: { column: name, actual: value.length, expected: length },
    },
  );
}

function rows(
  vectors: unknown,
  length: number,
): (position: number, at: Readonly<Record<string, unknown>>) => { vector?: Float32Array } {
  if (vectors === undefined || length === 0) return () => ({});
  if (!(vectors instanceof Float32Array))
    throw new TypeError(`columns.vectors must be a Float32Array, not ${kindOf(vectors)}.`);
  const dimension = vectors.length / length;
  if (!Number.isInteger(dimension) || dimension === 0) {
    throw new GennakerError(
      "GENNAKER_DIMENSION_MISMATCH",
      `columns.vectors has ${vectors.length} numbers, which ${length} ids do not divide.`,
      {
        details: { actual: vectors.length, rows: length },
      },
    );
  }
  return (position, at) => ({
    vector: copyVector(
      vectors.subarray(position * dimension, (position + 1) * dimension),
      `columns.vectors row ${position}`,
      at,
    ),
  });
}
