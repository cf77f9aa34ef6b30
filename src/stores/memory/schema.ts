import { GennakerError } from "../../errors.ts";
import type { CollectionSpec, EngineDocument } from "../../engine/port.ts";
import type {
  JsonObject,
  JsonValue,
  MetadataFieldInfo,
  MetadataType,
  Metric,
  SchemaInfo,
  TextFieldInfo,
} from "../../model.ts";
import { HASH_DIMENSION } from "./hash-embedder.ts";
import { parseInstant } from "./instant.ts";
import { textFields } from "./row.ts";
import { isZero } from "./vector.ts";

/** The schema of an absent collection under `spec`. */
export function newSchema(spec: CollectionSpec): SchemaInfo {
  const dimension = spec.embedding?.kind === "lsa" ? HASH_DIMENSION : spec.dimension;
  return {
    ...(dimension === undefined ? {} : { dimension }),
    metric: spec.metric ?? "cosine",
    text: spec.text ?? [],
    metadata: spec.metadata ?? {},
    ...(spec.embedding ? { embedding: spec.embedding } : {}),
    namespacesRequired: spec.namespacesRequired ?? false,
  };
}

/** The stored schema with what `spec` adds; a contradiction is refused. */
export function mergeSchema(name: string, stored: SchemaInfo, spec: CollectionSpec): SchemaInfo {
  if (spec.embedding && JSON.stringify(spec.embedding) !== JSON.stringify(stored.embedding)) {
    throw new GennakerError(
      "GENNAKER_EMBEDDER_MISMATCH",
      `Collection "${name}" was filled by ${describe(stored.embedding)}, not by ${describe(spec.embedding)}. ` +
        `Open it with the former, or build a new generation: db.generations.begin({ from: "empty" }).`,
      { details: { collection: name, stored: stored.embedding, given: spec.embedding } },
    );
  }
  const contradict = (what: string, was: unknown, given: unknown): never => {
    throw new GennakerError(
      "GENNAKER_INVALID_SCHEMA",
      `Collection "${name}" has ${what} ${String(was)}, not ${String(given)}. Leave it out, or create another collection.`,
      { details: { collection: name, what, stored: was, given } },
    );
  };
  if (spec.dimension !== undefined && stored.dimension !== undefined && spec.dimension !== stored.dimension) {
    contradict("dimension", stored.dimension, spec.dimension);
  }
  if (spec.metric !== undefined && spec.metric !== stored.metric) contradict("metric", stored.metric, spec.metric);
  if (spec.namespacesRequired !== undefined && spec.namespacesRequired !== stored.namespacesRequired) {
    contradict("namespacesRequired", stored.namespacesRequired, spec.namespacesRequired);
  }
  const text = [...stored.text];
  for (const field of spec.text ?? []) {
    const known = text.find((one) => one.name === field.name);
    if (!known) text.push(field);
    else if (known.language !== field.language || known.weight !== field.weight) {
      contradict(
        `text field "${field.name}" with`,
        `${known.language}, weight ${known.weight}`,
        `${field.language}, weight ${field.weight}`,
      );
    }
  }
  const metadata = new Map(Object.entries(stored.metadata));
  for (const [field, given] of Object.entries(spec.metadata ?? {})) {
    const known = metadata.get(field);
    if (!known) metadata.set(field, given);
    else if (known.type !== given.type || known.filterable !== given.filterable) {
      contradict(`metadata field "${field}" of type`, known.type, given.type);
    }
  }
  const dimension = stored.dimension ?? spec.dimension;
  return { ...stored, ...(dimension === undefined ? {} : { dimension }), text, metadata: Object.fromEntries(metadata) };
}

function describe(embedding: SchemaInfo["embedding"]): string {
  return embedding === undefined
    ? "no embedder"
    : embedding.kind === "lsa"
      ? `the built-in "lsa"`
      : `"${embedding.id}"`;
}

/** A schema that learns from documents; replaces the collection's only when the whole batch fits. */
export class SchemaDraft {
  #schema: SchemaInfo;
  readonly #text: TextFieldInfo[];
  readonly #metadata: Map<string, MetadataFieldInfo>;

  constructor(schema: SchemaInfo) {
    this.#schema = schema;
    this.#text = [...schema.text];
    this.#metadata = new Map(Object.entries(schema.metadata));
  }

  /** Checks one document and learns what is new in it. `position` is its index in the batch. */
  accept(document: EngineDocument, position: number): void {
    const at = { position, id: document.id };
    if (document.vector) this.#acceptVector(document.vector, at);
    for (const [name] of textFields(document.text)) {
      if (this.#text.some((field) => field.name === name)) continue;
      this.#text.push({ name, weight: name === "title" ? 4 : 1, language: "english" });
    }
    if (document.metadata === undefined) return;
    for (const [name, value] of Object.entries(JSON.parse(document.metadata) as JsonObject)) {
      if (value !== null) this.#acceptField(name, value, at);
    }
  }

  /** The schema so far. */
  finish(): SchemaInfo {
    return { ...this.#schema, text: this.#text, metadata: Object.fromEntries(this.#metadata) };
  }

  #acceptVector(vector: Float32Array, at: { position: number; id: string }): void {
    const { dimension, metric, embedding } = this.#schema;
    if (embedding?.kind === "lsa") {
      throw new GennakerError(
        "GENNAKER_INVALID_SCHEMA",
        `Document "${at.id}" has a vector, but the collection's vectors are made by the built-in embedder. Leave it out.`,
        { details: at },
      );
    }
    checkVector(vector, dimension, metric, at);
    if (dimension === undefined) this.#schema = { ...this.#schema, dimension: vector.length };
  }

  #acceptField(name: string, value: JsonValue, at: { position: number; id: string }): void {
    const known = this.#metadata.get(name);
    if (!known) {
      this.#metadata.set(name, { type: inferType(value), filterable: true, inferredFrom: at.id });
      return;
    }
    if (fits(value, known.type)) return;
    const origin =
      known.inferredFrom === undefined ? "was declared" : `was inferred from document "${known.inferredFrom}"`;
    throw new GennakerError(
      "GENNAKER_INVALID_SCHEMA",
      `Metadata field "${name}" of document "${at.id}" is not ${known.type}, which ${origin}. ` +
        `Change the value, or declare the field as "json", which takes any.`,
      { details: { ...at, field: name, expected: known.type, inferredFrom: known.inferredFrom } },
    );
  }
}

/** Refuses a vector of another length, or without a direction under cosine. */
export function checkVector(
  vector: Float32Array,
  dimension: number | undefined,
  metric: Metric,
  at: { position?: number; id?: string } = {},
): void {
  const what = at.id === undefined ? "The query vector" : `The vector of document "${at.id}"`;
  if (dimension !== undefined && vector.length !== dimension) {
    throw new GennakerError(
      "GENNAKER_DIMENSION_MISMATCH",
      `${what} has ${vector.length} dimensions, the collection has ${dimension}. ` +
        `Embed with the model that the collection was created with, or create a new collection.`,
      { details: { ...at, actual: vector.length, expected: dimension } },
    );
  }
  if (metric === "cosine" && isZero(vector)) {
    throw new GennakerError(
      "GENNAKER_ZERO_VECTOR",
      `${what} is zero and has no direction. Leave it out, or use another metric.`,
      {
        details: at,
      },
    );
  }
}

/** The type that a first value teaches. */
export function inferType(value: JsonValue): MetadataType {
  if (typeof value === "string") return "string";
  if (typeof value === "number") return "float";
  if (typeof value === "boolean") return "bool";
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? "string[]" : "json";
}

/** Whether a value that is not `null` is of a type. */
export function fits(value: JsonValue, type: MetadataType): boolean {
  switch (type) {
    case "json":
      return true;
    case "string":
      return typeof value === "string";
    case "string[]":
      return Array.isArray(value) && value.every((item) => typeof item === "string");
    case "float":
      return typeof value === "number";
    case "int":
      return Number.isSafeInteger(value);
    case "bool":
      return typeof value === "boolean";
    case "date":
      return typeof value === "string" && parseInstant(value) !== undefined;
    case "geo": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
      const { lat, lon } = value as JsonObject;
      return typeof lat === "number" && Math.abs(lat) <= 90 && typeof lon === "number" && Math.abs(lon) <= 180;
    }
    default:
      return type satisfies never;
  }
}
