import { GennakerError, type ErrorCode } from "../errors.ts";
import type { CollectionSpec } from "../engine/port.ts";
import type { EmbeddingInfo, SchemaInfo } from "../model.ts";

/**
 * Refuses a schema that a reader cannot have as it is: `READ_ONLY` for what a writer would have to add, the errors of a writer
 * for what contradicts.
 */
export function checkDeclared(collection: string, stored: SchemaInfo, spec: CollectionSpec): void {
  const check = (what: string, was: Value, given: Value, code: ErrorCode): void => {
    if (given === undefined || given === was) return;
    const isNew = was === undefined;
    throw new GennakerError(
      isNew ? "GENNAKER_READ_ONLY" : code,
      isNew
        ? `The schema adds ${what} to collection "${collection}", and the database is open read-only. Leave it out, or open it as the writer.`
        : `The ${what} of collection "${collection}" is ${String(was)}, the schema says ${String(given)}. Declare the stored one.`,
      { details: { collection, what, expected: was, actual: given } },
    );
  };
  check("embedder", name(stored.embedding), name(spec.embedding), "GENNAKER_EMBEDDER_MISMATCH");
  check("dimension", stored.dimension, spec.dimension, "GENNAKER_DIMENSION_MISMATCH");
  check("metric", stored.metric, spec.metric, "GENNAKER_INVALID_SCHEMA");
  for (const field of spec.text ?? []) {
    const known = stored.text.find((one) => one.name === field.name);
    check(`text field "${field.name}"`, known?.name, field.name, "GENNAKER_INVALID_SCHEMA");
    check(`language of text field "${field.name}"`, known?.language, field.language, "GENNAKER_INVALID_SCHEMA");
    check(`weight of text field "${field.name}"`, known?.weight, field.weight, "GENNAKER_READ_ONLY");
  }
  for (const [field, { type, filterable }] of Object.entries(spec.metadata ?? {})) {
    const known = Object.hasOwn(stored.metadata, field) ? stored.metadata[field] : undefined;
    check(`metadata field "${field}"`, known?.type, type, "GENNAKER_INVALID_SCHEMA");
    check(`filterable of metadata field "${field}"`, known?.filterable, filterable, "GENNAKER_INVALID_SCHEMA");
  }
  check(
    "demand for namespaces",
    stored.namespacesRequired || undefined,
    spec.namespacesRequired || undefined,
    "GENNAKER_READ_ONLY",
  );
}

type Value = string | number | boolean | undefined;

function name(embedding: EmbeddingInfo | undefined): string | undefined {
  return embedding?.kind === "external" ? embedding.id : embedding?.kind;
}
