import { GennakerError } from "../../errors.ts";
import type { EngineDocument } from "../../engine/port.ts";
import type {
  JsonObject,
  JsonValue,
  MetadataFieldInfo,
  MetadataType,
  Metric,
  SchemaInfo,
  TextFieldInfo,
} from "../../model.ts";
import { lookUp } from "./filter.ts";
import { parseInstant } from "./instant.ts";
import { textFields } from "./row.ts";
import { defaultTextField } from "./schema.ts";
import { isZero } from "./vector.ts";

const MAX_FIELDS = 1024;
const MAX_INT = 2 ** 53;

interface At {
  readonly position: number;
  readonly id: string;
}

/** A schema that learns from documents; replaces the collection's only when the whole batch fits. */
export class SchemaDraft {
  readonly #collection: string;
  readonly #text: TextFieldInfo[];
  readonly #metadata: Map<string, MetadataFieldInfo>;
  #schema: SchemaInfo;

  constructor(collection: string, schema: SchemaInfo) {
    this.#collection = collection;
    this.#schema = schema;
    this.#text = [...schema.text];
    this.#metadata = new Map(Object.entries(schema.metadata));
  }

  /** Checks one document and learns what is new in it. `position` is its index in the batch. */
  accept(document: EngineDocument, position: number): void {
    const at = { position, id: document.id };
    if (document.vector) this.#acceptVector(document.vector, at);
    for (const [name] of textFields(document.text)) {
      if (!this.#text.some((field) => field.name === name)) this.#text.push(defaultTextField(name));
    }
    const metadata = document.metadata === undefined ? {} : (JSON.parse(document.metadata) as JsonObject);
    for (const [name, value] of Object.entries(metadata)) this.#acceptField(name, value, at);
    for (const [name, field] of this.#metadata) {
      if (name.includes(".") && field.inferredFrom === undefined)
        this.#checkField(name, lookUp(metadata, name), field, at);
    }
    this.#checkCount("text", this.#text.length, at);
    this.#checkCount("metadata", this.#metadata.size, at);
  }

  /** The schema so far. */
  finish(): SchemaInfo {
    return { ...this.#schema, text: this.#text, metadata: Object.fromEntries(this.#metadata) };
  }

  #acceptVector(vector: Float32Array, at: At): void {
    const { dimension, metric, embedding } = this.#schema;
    if (embedding?.kind === "lsa") {
      throw new GennakerError(
        "GENNAKER_INVALID_SCHEMA",
        `Document "${at.id}" has a vector, but collection "${this.#collection}" makes its vectors from text (embed: "lsa"). Leave it out.`,
        { details: { ...at, collection: this.#collection } },
      );
    }
    checkVector(vector, dimension, metric, at);
    if (dimension === undefined) this.#schema = { ...this.#schema, dimension: vector.length };
  }

  #acceptField(name: string, value: JsonValue, at: At): void {
    const known = this.#metadata.get(name);
    if (known) this.#checkField(name, value, known, at);
    else {
      const type = inferType(value);
      if (type) this.#metadata.set(name, { type, filterable: true, inferredFrom: at.id });
    }
  }

  #checkField(name: string, value: JsonValue | undefined, { type, inferredFrom }: MetadataFieldInfo, at: At): void {
    if (value === undefined || value === null || fits(value, type)) return;
    const origin = inferredFrom === undefined ? "is declared" : `was taught by document "${inferredFrom}"`;
    throw new GennakerError(
      "GENNAKER_INVALID_SCHEMA",
      `Metadata field "${name}" of document "${at.id}" is not of type ${type}, which ${origin}. ` +
        `Change the value, or declare the field "json" in a new collection.`,
      { details: { ...at, field: name, expected: type, ...(inferredFrom === undefined ? {} : { inferredFrom }) } },
    );
  }

  #checkCount(kind: string, actual: number, at: At): void {
    if (actual <= MAX_FIELDS) return;
    throw new GennakerError(
      "GENNAKER_LIMIT_EXCEEDED",
      `Collection "${this.#collection}" would have ${actual} ${kind} fields; at most ${MAX_FIELDS} are allowed. Put some into one field.`,
      { details: { ...at, limit: MAX_FIELDS, actual } },
    );
  }
}

/** Refuses a vector of another length, or without a direction under cosine. */
export function checkVector(vector: Float32Array, dimension: number | undefined, metric: Metric, at?: At): void {
  const what = at === undefined ? "The query vector" : `The vector of document "${at.id}"`;
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
      { details: { ...at } },
    );
  }
}

/** The type that a first value teaches; `null` and `[]` say too little. */
function inferType(value: JsonValue): MetadataType | undefined {
  if (typeof value === "string") return "string";
  if (typeof value === "number") return "float";
  if (typeof value === "boolean") return "bool";
  if (value === null || (Array.isArray(value) && value.length === 0)) return undefined;
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? "string[]" : "json";
}

function fits(value: JsonValue, type: MetadataType): boolean {
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
      return Number.isInteger(value) && Math.abs(value as number) <= MAX_INT;
    case "bool":
      return typeof value === "boolean";
    case "date":
      return typeof value === "string" && parseInstant(value) !== undefined;
    case "geo": {
      if (typeof value !== "object" || value === null || Array.isArray(value) || Object.keys(value).length !== 2)
        return false;
      const { lat, lon } = value as JsonObject;
      return typeof lat === "number" && Math.abs(lat) <= 90 && typeof lon === "number" && Math.abs(lon) <= 180;
    }
    default:
      return type satisfies never;
  }
}
