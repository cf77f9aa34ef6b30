import { GennakerError } from "../../errors.ts";
import type { CollectionSpec } from "../../engine/port.ts";
import type { EmbeddingInfo, SchemaInfo, TextFieldInfo } from "../../model.ts";
import { HASH_DIMENSION } from "./hash-embedder.ts";

const EMPTY: SchemaInfo = { metric: "cosine", text: [], metadata: {}, namespacesRequired: false };

/** The schema of an absent collection under `spec`. */
export function createSchema(collection: string, spec: CollectionSpec): SchemaInfo {
  return reconcile(collection, EMPTY, spec);
}

/**
 * The stored schema with what `spec` adds: fields, a dimension while no vector taught one and then also metric and embedder, a
 * demand for namespaces, and other weights, which only rank. Inferred fields become declared. Contradictions are refused.
 */
export function reconcile(collection: string, stored: SchemaInfo, spec: CollectionSpec): SchemaInfo {
  const embedding = reconcileEmbedding(collection, stored, spec.embedding);
  if (spec.metric !== undefined && stored.dimension !== undefined && spec.metric !== stored.metric) {
    throw contradiction(collection, "metric", stored.metric, spec.metric);
  }
  const dimension = stored.dimension ?? spec.dimension ?? (embedding?.kind === "lsa" ? HASH_DIMENSION : undefined);
  if (spec.dimension !== undefined && dimension !== spec.dimension) {
    const message = `Collection "${collection}" has dimension ${dimension}, the schema says ${spec.dimension}. Leave dimension out, or create a new collection.`;
    throw new GennakerError("GENNAKER_DIMENSION_MISMATCH", message, {
      details: { collection, expected: dimension, actual: spec.dimension },
    });
  }
  return {
    ...(dimension === undefined ? {} : { dimension }),
    metric: spec.metric ?? stored.metric,
    text: reconcileText(collection, stored.text, spec.text ?? []),
    metadata: reconcileMetadata(collection, stored.metadata, spec.metadata ?? {}),
    ...(embedding ? { embedding } : {}),
    namespacesRequired: stored.namespacesRequired || (spec.namespacesRequired ?? false),
  };
}

/** A text field that nothing is declared of. */
export function defaultTextField(name: string): TextFieldInfo {
  return { name, weight: name === "title" ? 4 : 1, language: "english" };
}

/** Names of embedders in messages and comparisons. */
export function embedderName(embedding: EmbeddingInfo | undefined): string {
  if (embedding === undefined) return "none (vectors are given)";
  return embedding.kind === "lsa" ? "lsa" : embedding.id;
}

function reconcileEmbedding(
  collection: string,
  stored: SchemaInfo,
  given: EmbeddingInfo | undefined,
): EmbeddingInfo | undefined {
  if (!given) return stored.embedding;
  if (!stored.embedding && stored.dimension === undefined) return given;
  const [expected, actual] = [embedderName(stored.embedding), embedderName(given)];
  if (stored.embedding && expected === actual) return given;
  throw new GennakerError(
    "GENNAKER_EMBEDDER_MISMATCH",
    `Collection "${collection}" was filled with embedder ${expected}, not with ${actual}; vectors of two embedders do not compare. ` +
      `Open it with the former, or embed all documents again in a new generation: db.generations.begin({ from: "empty" }).`,
    { details: { collection, expected, actual } },
  );
}

function reconcileText(
  collection: string,
  stored: readonly TextFieldInfo[],
  given: NonNullable<CollectionSpec["text"]>,
): TextFieldInfo[] {
  const fields = new Map(stored.map((field) => [field.name, field]));
  for (const { name, weight, language } of given) {
    const known = fields.get(name);
    if (known && language !== undefined && language !== known.language) {
      throw contradiction(collection, `language of text field "${name}"`, known.language, language);
    }
    const base = known ?? { ...defaultTextField(name), ...(language === undefined ? {} : { language }) };
    fields.set(name, { ...base, weight: weight ?? base.weight });
  }
  return [...fields.values()];
}

function reconcileMetadata(
  collection: string,
  stored: SchemaInfo["metadata"],
  given: NonNullable<CollectionSpec["metadata"]>,
): SchemaInfo["metadata"] {
  const fields = new Map(Object.entries(stored));
  for (const [name, { type, filterable }] of Object.entries(given)) {
    const known = fields.get(name);
    if (known && known.type !== type) {
      const taught = known.inferredFrom === undefined ? "" : ` (since document "${known.inferredFrom}")`;
      throw contradiction(collection, `type of metadata field "${name}"${taught}`, known.type, type);
    }
    if (known && filterable !== undefined && filterable !== known.filterable) {
      throw contradiction(
        collection,
        `filterable of metadata field "${name}"`,
        String(known.filterable),
        String(filterable),
      );
    }
    fields.set(name, { type, filterable: filterable ?? known?.filterable ?? true });
  }
  return Object.fromEntries(fields);
}

function contradiction(collection: string, what: string, expected: string, actual: string): GennakerError {
  return new GennakerError(
    "GENNAKER_INVALID_SCHEMA",
    `The ${what} is ${expected} in collection "${collection}", the schema says ${actual}. Declare the stored one, or create a new collection.`,
    { details: { collection, expected, actual } },
  );
}
