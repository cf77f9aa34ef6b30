import { GennakerError } from "../errors.ts";
import type { Capabilities } from "../engine/capabilities.ts";
import type { CollectionSpec } from "../engine/port.ts";
import type { MetadataFieldInfo, MetadataType, Metric, TextFieldInfo } from "../model.ts";
import { toEmbedder } from "../embedding/embedder.ts";
import type { Embedder } from "../embedding/port.ts";
import { checkKeys, kindOf } from "./names.ts";
import { MAX_DIMENSION } from "./vectors.ts";

const KEYS = ["dimension", "metric", "vectors", "text", "metadata", "embed", "namespaces"];
const TYPES: readonly MetadataType[] = ["string", "string[]", "int", "float", "bool", "date", "geo", "json"];
const METRICS: readonly Metric[] = ["cosine", "dot", "l2", "l1", "hamming", "jaccard"];
const MAX_FIELDS = 1024;

/** Validates a schema; the embedder stays on this side of the port, only its identity goes through. */
export function parseSchema(
  input: unknown,
  capabilities: Capabilities,
): { spec: CollectionSpec; embedder: Embedder | undefined } {
  if (input === undefined) return { spec: {}, embedder: undefined };
  const given = object(input, "schema");
  checkKeys(given, KEYS, (key) =>
    invalid(`schema has the unknown key "${key}"; known are ${KEYS.join(", ")}.`, { key }),
  );
  const { dimension, metric, vectors, text, metadata, embed, namespaces } = given;
  if (vectors !== undefined)
    throw unsupported("schema.vectors: named vectors are not stored yet; use dimension and metric.", "vectors");
  const embedder = embed === undefined || embed === "lsa" ? undefined : toEmbedder(embed);
  const size = dimension ?? embedder?.dimensions;
  if (embedder?.dimensions !== undefined && size !== embedder.dimensions) {
    throw invalid(
      `schema.dimension is ${String(dimension)}, but embedder "${embedder.id}" makes ${embedder.dimensions}. Leave dimension out.`,
      { dimension },
    );
  }
  if (embed === "lsa" && dimension !== undefined)
    throw invalid(`schema.dimension is chosen by the built-in embedder "lsa". Leave it out.`, { dimension });
  return {
    spec: {
      ...(size === undefined ? {} : { dimension: checkDimension(size) }),
      ...(metric === undefined ? {} : { metric: checkMetric(metric, capabilities) }),
      ...(text === undefined ? {} : { text: textFields(text, capabilities) }),
      ...(metadata === undefined ? {} : { metadata: metadataFields(metadata) }),
      ...(embed === "lsa"
        ? { embedding: { kind: "lsa" } }
        : embedder
          ? { embedding: { kind: "external", id: embedder.id } }
          : {}),
      ...(namespaces === undefined ? {} : { namespacesRequired: checkNamespaces(namespaces) }),
    },
    embedder,
  };
}

function checkDimension(value: unknown): number {
  if (typeof value !== "number") throw new TypeError(`schema.dimension must be a number, not ${kindOf(value)}.`);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_DIMENSION) return value;
  throw invalid(`schema.dimension is ${value}; it must be a whole number from 1 to ${MAX_DIMENSION}.`, {
    actual: value,
    limit: MAX_DIMENSION,
  });
}

function checkMetric(value: unknown, capabilities: Capabilities): Metric {
  if (!METRICS.includes(value as Metric))
    throw invalid(`schema.metric is ${String(value)}; use one of ${capabilities.metrics.join(", ")}.`, {
      metric: value,
    });
  if (capabilities.metrics.includes(value as Metric)) return value as Metric;
  throw unsupported(
    `schema.metric: "${value as Metric}" is not served yet; use one of ${capabilities.metrics.join(", ")}.`,
    "metric",
  );
}

function checkNamespaces(value: unknown): boolean {
  if (value === "required" || value === "optional") return value === "required";
  throw invalid(`schema.namespaces is ${String(value)}; use "optional" or "required".`, { namespaces: value });
}

function textFields(value: unknown, capabilities: Capabilities): TextFieldInfo[] {
  if (value === "string") return [textField("text", {}, capabilities)];
  if (typeof value === "string")
    throw invalid(`schema.text is "${value}"; use "string", a list of fields, or { field: { weight, language } }.`, {
      text: value,
    });
  const entries: [unknown, unknown][] = Array.isArray(value)
    ? value.map((name) => [name, {}])
    : Object.entries(object(value, "schema.text"));
  const names = new Set(entries.map(([name]) => name));
  if (names.size < entries.length) throw invalid("schema.text names a field twice.", {});
  return entries.map(([name, options]) => textField(name, options, capabilities));
}

function textField(name: unknown, options: unknown, capabilities: Capabilities): TextFieldInfo {
  if (typeof name !== "string") throw new TypeError(`schema.text must list names, not ${kindOf(name)}.`);
  if (name === "" || !name.isWellFormed())
    throw invalid("schema.text has a field without a well-formed name.", { field: name });
  const path = `schema.text.${name}`;
  const given = object(options, path);
  checkKeys(given, ["weight", "language"], (key) =>
    invalid(`${path} has the unknown key "${key}"; known are weight, language.`, { key }),
  );
  const { weight = name === "title" ? 4 : 1, language = "english" } = given;
  if (typeof weight !== "number" || !(weight > 0) || !Number.isFinite(weight))
    throw invalid(`${path}.weight must be a number above 0.`, { field: name });
  if (typeof language !== "string" || !capabilities.languages.includes(language)) {
    throw invalid(`${path}.language is ${String(language)}; known are ${capabilities.languages.join(", ")}.`, {
      field: name,
      language,
    });
  }
  return { name, weight, language };
}

function metadataFields(value: unknown): { [field: string]: MetadataFieldInfo } {
  const entries = Object.entries(object(value, "schema.metadata"));
  if (entries.length > MAX_FIELDS) {
    throw new GennakerError(
      "GENNAKER_LIMIT_EXCEEDED",
      `schema.metadata has ${entries.length} fields; at most ${MAX_FIELDS} are allowed.`,
      {
        details: { actual: entries.length, limit: MAX_FIELDS },
      },
    );
  }
  return Object.fromEntries(
    entries.map(([field, one]): [string, MetadataFieldInfo] => {
      const path = `schema.metadata.${field}`;
      const given = typeof one === "string" ? { type: one } : object(one, path);
      checkKeys(given, ["type", "filterable"], (key) =>
        invalid(`${path} has the unknown key "${key}"; known are type, filterable.`, { key }),
      );
      const { type, filterable = true } = given as { type?: unknown; filterable?: unknown };
      if (!TYPES.includes(type as MetadataType))
        throw invalid(`${path} has type ${String(type)}; use one of ${TYPES.join(", ")}.`, { field, type });
      if (typeof filterable !== "boolean")
        throw new TypeError(`${path}.filterable must be a boolean, not ${kindOf(filterable)}.`);
      return [field, { type: type as MetadataType, filterable }];
    }),
  );
}

function object(value: unknown, path: string): { readonly [key: string]: unknown } {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as { readonly [key: string]: unknown };
  throw new TypeError(`${path} must be an object, not ${kindOf(value)}.`);
}

function invalid(message: string, details: Readonly<Record<string, unknown>>): GennakerError {
  return new GennakerError("GENNAKER_INVALID_SCHEMA", message, { details });
}

function unsupported(message: string, option: string): GennakerError {
  return new GennakerError("GENNAKER_UNSUPPORTED", message, { details: { option } });
}
