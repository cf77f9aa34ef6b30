import { GennakerError } from "../errors.ts";
import type { Capabilities } from "../engine/capabilities.ts";
import type { CollectionSpec, MetadataFieldSpec, TextFieldSpec } from "../engine/port.ts";
import { toEmbedder } from "../embedding/embedder.ts";
import type { Embedder } from "../embedding/port.ts";
import type { MetadataType, Metric } from "../model.ts";
import { kindOf } from "./names.ts";
import { MAX_DIMENSION } from "./vectors.ts";

const KEYS = ["dimension", "metric", "vectors", "text", "metadata", "embed", "namespaces"];
const TYPES: readonly unknown[] = ["string", "string[]", "int", "float", "bool", "date", "geo", "json"];
const METRICS: readonly unknown[] = ["cosine", "dot", "l2", "l1", "hamming", "jaccard"];
const LSA_DIMENSION = 128;
const MAX_FIELDS = 1024;
const MAX_NAME_BYTES = 1024;

/**
 * Validates a schema; the embedder stays on this side of the port, only its identity goes through.
 *
 * @throws `INVALID_SCHEMA`, `LIMIT_EXCEEDED` or `UNSUPPORTED` with the detail `key`.
 */
export function parseSchema(
  input: unknown,
  capabilities: Capabilities,
): { spec: CollectionSpec; embedder: Embedder | undefined } {
  if (input === undefined) return { spec: {}, embedder: undefined };
  const { dimension, metric, vectors, text, metadata, embed, namespaces } = object(input, "schema", undefined, KEYS);
  if (vectors !== undefined)
    throw unsupported("vectors", "named vectors are not stored yet; use dimension and metric.");
  const embedder = embed === undefined || embed === "lsa" ? undefined : checkEmbedder(embed);
  if (embed === "lsa" && metric !== undefined && metric !== "cosine")
    throw invalid("metric", "the built-in embedder needs cosine. Leave metric out.");
  const made = embed === "lsa" ? LSA_DIMENSION : embedder?.dimensions;
  if (made !== undefined && dimension !== undefined && dimension !== made) {
    throw invalid("dimension", `the embedder makes ${made} dimensions, not ${show(dimension)}. Leave dimension out.`, {
      expected: made,
      actual: dimension,
    });
  }
  const size = dimension === undefined ? made : dimension;
  return {
    spec: {
      ...optional("dimension", size, checkDimension),
      ...optional("metric", metric, (value) => checkMetric(value, capabilities)),
      ...optional("text", text, (value) => textFields(value, capabilities)),
      ...optional("metadata", metadata, metadataFields),
      ...(embed === "lsa"
        ? { embedding: { kind: "lsa" } }
        : embedder
          ? { embedding: { kind: "external", id: embedder.id } }
          : {}),
      ...optional("namespacesRequired", namespaces, checkNamespaces),
    },
    embedder,
  };
}

function checkEmbedder(embed: unknown): Embedder {
  try {
    return toEmbedder(embed);
  } catch (cause) {
    const reason =
      typeof embed === "string" ? `${show(embed)} is no embedder; "lsa" is built in.` : (cause as Error).message;
    throw new GennakerError("GENNAKER_INVALID_SCHEMA", `schema.embed: ${reason}`, { details: { key: "embed" }, cause });
  }
}

function checkDimension(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1) {
    if (value <= MAX_DIMENSION) return value;
    throw limit("dimension", "components", value, MAX_DIMENSION);
  }
  throw invalid("dimension", `${show(value)} is no whole number from 1 to ${MAX_DIMENSION}.`);
}

function checkMetric(value: unknown, capabilities: Capabilities): Metric {
  const known = capabilities.metrics.join(", ");
  if (!METRICS.includes(value)) throw invalid("metric", `${show(value)} is no metric; use one of ${known}.`);
  if (capabilities.metrics.includes(value as Metric)) return value as Metric;
  throw unsupported("metric", `${show(value)} is not served yet; use one of ${known}.`);
}

function checkNamespaces(value: unknown): boolean {
  if (value === "required" || value === "optional") return value === "required";
  throw invalid("namespaces", `${show(value)} is neither "optional" nor "required".`);
}

function textFields(value: unknown, capabilities: Capabilities): TextFieldSpec[] {
  if (value === "string") return [{ name: "text" }];
  if (typeof value === "string")
    throw invalid("text", `use "string", a list of fields, or { field: { weight, language } }, not ${show(value)}.`);
  const entries: [unknown, unknown][] = Array.isArray(value)
    ? value.map((name) => [name, {}])
    : Object.entries(object(value, "schema.text", "text"));
  if (entries.length > MAX_FIELDS) throw limit("text", "fields", entries.length, MAX_FIELDS);
  if (new Set(entries.map(([name]) => name)).size < entries.length) throw invalid("text", "a field is named twice.");
  return entries.map(([name, options]) => textField(name, options, capabilities));
}

function textField(name: unknown, options: unknown, { languages }: Capabilities): TextFieldSpec {
  if (typeof name !== "string" || name === "") throw invalid("text", `a field needs a name, not ${show(name)}.`);
  checkFieldName("text", name);
  const { weight, language } = object(options, `schema.text.${name}`, "text", ["weight", "language"]);
  if (weight !== undefined && !(typeof weight === "number" && weight > 0 && Number.isFinite(weight))) {
    throw invalid("text", `the weight of ${show(name)} must be a number above 0, not ${show(weight)}.`);
  }
  if (
    language !== undefined &&
    !(typeof language === "string" && (language === "none" || languages.includes(language)))
  ) {
    throw invalid(
      "text",
      `the language of ${show(name)} is ${show(language)}; known are ${[...languages, "none"].join(", ")}.`,
    );
  }
  return { name, ...(weight === undefined ? {} : { weight }), ...(language === undefined ? {} : { language }) };
}

function metadataFields(value: unknown): { [field: string]: MetadataFieldSpec } {
  const entries = Object.entries(object(value, "schema.metadata", "metadata"));
  if (entries.length > MAX_FIELDS) throw limit("metadata", "fields", entries.length, MAX_FIELDS);
  return Object.fromEntries(
    entries.map(([field, one]): [string, MetadataFieldSpec] => {
      checkFieldName("metadata", field);
      const options =
        typeof one === "string"
          ? { type: one }
          : object(one, `schema.metadata.${field}`, "metadata", ["type", "filterable"]);
      const { type, filterable } = options as { type?: unknown; filterable?: unknown };
      if (!TYPES.includes(type))
        throw invalid("metadata", `the type of ${show(field)} is ${show(type)}; use one of ${TYPES.join(", ")}.`);
      if (filterable === undefined) return [field, { type: type as MetadataType }];
      if (typeof filterable !== "boolean")
        throw invalid("metadata", `filterable of ${show(field)} must be true or false, not ${show(filterable)}.`);
      return [field, { type: type as MetadataType, filterable }];
    }),
  );
}

function checkFieldName(key: string, name: string): void {
  if (!name.isWellFormed()) throw invalid(key, "the name of a field has a lone surrogate.");
  if (Buffer.byteLength(name) > MAX_NAME_BYTES)
    throw limit(key, "bytes in the name of a field", Buffer.byteLength(name), MAX_NAME_BYTES);
}

function object(
  value: unknown,
  path: string,
  key?: string,
  known?: readonly string[],
): { readonly [key: string]: unknown } {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid(key, `${path} must be an object, not ${kindOf(value)}.`);
  const unknown = known && Object.keys(value).find((one) => !known.includes(one));
  if (unknown !== undefined)
    throw invalid(key ?? unknown, `${path} has the unknown key ${show(unknown)}; known are ${known?.join(", ")}.`);
  return value as { readonly [key: string]: unknown };
}

function optional<K extends string, V>(key: K, value: unknown, check: (value: unknown) => V): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: check(value) } as { [P in K]: V });
}

function show(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : typeof value === "number" ? String(value) : kindOf(value);
}

function invalid(
  key: string | undefined,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): GennakerError {
  const place = key === undefined ? "schema" : `schema.${key}`;
  return new GennakerError("GENNAKER_INVALID_SCHEMA", `${place}: ${message}`, {
    details: { ...(key === undefined ? {} : { key }), ...details },
  });
}

function unsupported(key: string, message: string): GennakerError {
  return new GennakerError("GENNAKER_UNSUPPORTED", `schema.${key}: ${message}`, { details: { key } });
}

function limit(key: string, what: string, actual: number, most: number): GennakerError {
  return new GennakerError(
    "GENNAKER_LIMIT_EXCEEDED",
    `schema.${key} has ${actual} ${what}; at most ${most} are allowed.`,
    {
      details: { key, limit: most, actual },
    },
  );
}
