import { GennakerError } from "../errors.ts";
import type { EngineFusion, EngineQuery } from "../engine/port.ts";
import { parseFilter } from "./filter.ts";
import { checkKeys, kindOf } from "./names.ts";
import { copyVector } from "./vectors.ts";

const MAX_WINDOW = 10_000;
const MAX_QUERY_BYTES = 64 << 10;
const METHODS = ["balanced", "convex", "rrf", "dbsf"];
const INCLUDES = ["vector", "text", "metadata"];
/** Options of API.md that a later version serves, with what to do until then. */
const LATER: Readonly<Record<string, string>> = {
  vectors: "Named vectors are not searched yet; use vector.",
  after: "Cursors are not served yet; use offset.",
  rerank: "Reranking is not served yet; rerank the hits.",
  mmr: "Diversification is not served yet; filter the hits.",
  groupBy: "Grouping is not served yet; group the hits.",
  facets: "Facets are not counted yet; use count(filter) for each value.",
  highlight: "Highlights are not made yet.",
  explain: "Explanations are not made yet; each hit has the scores of both legs.",
};
const KEYS = [
  "vector",
  "text",
  "filter",
  "k",
  "offset",
  "recall",
  "fusion",
  "minScore",
  "include",
  "generation",
  "engine",
  "signal",
  "timeoutMs",
  ...Object.keys(LATER),
];

/** A search as its parts: what the engine gets, and what the database decides on. */
export interface ParsedQuery {
  readonly query: EngineQuery;
  readonly generation: number | undefined;
  readonly engine: string | undefined;
}

/** Validates and copies a search. `embeds`: the collection has an embedder, so text alone is a hybrid search. */
export function parseQuery(input: unknown, embeds: boolean, path = "query"): ParsedQuery {
  if (typeof input !== "object" || input === null || Array.isArray(input))
    throw new TypeError(`${path} must be an object, not ${kindOf(input)}.`);
  checkKeys(input, KEYS, (key) =>
    invalid(`${path} has the unknown option "${key}"; known are ${KEYS.join(", ")}.`, { option: key }),
  );
  const given = input as { readonly [key: string]: unknown };
  for (const [option, hint] of Object.entries(LATER)) {
    const value = given[option];
    if (value === undefined || value === false) continue;
    throw new GennakerError("GENNAKER_UNSUPPORTED", `${path}.${option}: ${hint}`, { details: { option } });
  }
  const vector = given["vector"] === undefined ? undefined : copyVector(given["vector"], `${path}.vector`);
  const text = given["text"] === undefined ? undefined : queryText(given["text"], path);
  if (!vector && text === undefined)
    throw invalid(`${path} has neither vector nor text. To list documents use scan({ filter }).`, {});
  const k = integer(given["k"] ?? 10, `${path}.k`, 1, MAX_WINDOW);
  const offset = integer(given["offset"] ?? 0, `${path}.offset`, 0, MAX_WINDOW);
  if (offset + k > MAX_WINDOW)
    throw invalid(`${path}.offset + k is ${offset + k}; at most ${MAX_WINDOW} is allowed.`, {
      limit: MAX_WINDOW,
      actual: offset + k,
    });
  const minScore = given["minScore"] === undefined ? undefined : number(given["minScore"], `${path}.minScore`);
  const { generation, engine } = given;
  if (engine !== undefined && typeof engine !== "string")
    throw new TypeError(`${path}.engine must be a string, not ${kindOf(engine)}.`);
  return {
    query: {
      kind: text === undefined ? "vector" : vector || embeds ? "hybrid" : "text",
      ...(vector ? { vector } : {}),
      ...(text === undefined ? {} : { text }),
      ...(given["filter"] === undefined ? {} : { filter: parseFilter(given["filter"]) }),
      k,
      offset,
      recall: recall(given["recall"] ?? 0.95, path),
      fusion: fusion(given["fusion"], path, offset + k),
      ...(minScore === undefined ? {} : { minScore }),
      include: include(given["include"], path),
    },
    generation:
      generation === undefined ? undefined : integer(generation, `${path}.generation`, 1, Number.MAX_SAFE_INTEGER),
    engine,
  };
}

function queryText(text: unknown, path: string): string {
  if (typeof text === "object" && text !== null) {
    throw new GennakerError(
      "GENNAKER_UNSUPPORTED",
      `${path}.text: query trees are not served yet; use a string of words and "quoted phrases".`,
      {
        details: { option: "text" },
      },
    );
  }
  if (typeof text !== "string") throw new TypeError(`${path}.text must be a string, not ${kindOf(text)}.`);
  if (!text.isWellFormed()) throw invalid(`${path}.text has a lone surrogate; use toWellFormed().`, {});
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_QUERY_BYTES) return text;
  throw new GennakerError(
    "GENNAKER_LIMIT_EXCEEDED",
    `${path}.text has ${bytes} bytes; at most ${MAX_QUERY_BYTES} are allowed.`,
    {
      details: { limit: MAX_QUERY_BYTES, actual: bytes },
    },
  );
}

function recall(value: unknown, path: string): number {
  if (value === "exact") return 1;
  const given = number(value, `${path}.recall`);
  if (given >= 0.5 && given <= 0.999) return given;
  throw invalid(`${path}.recall is ${given}; use 0.5 to 0.999, or "exact".`, { actual: given });
}

function fusion(value: unknown, path: string, window: number): EngineFusion {
  const {
    method = "balanced",
    weights,
    rrfK = 60,
    candidates,
  } = options(value, `${path}.fusion`, ["method", "weights", "rrfK", "candidates"]);
  if (!METHODS.includes(method as string))
    throw invalid(`${path}.fusion.method is ${String(method)}; use one of ${METHODS.join(", ")}.`, { method });
  const legs = options(weights, `${path}.fusion.weights`, ["vector", "text"]);
  const weight = (leg: "vector" | "text"): { [leg: string]: number } => {
    if (legs[leg] === undefined) return {};
    const given = number(legs[leg], `${path}.fusion.weights.${leg}`);
    if (given < 0)
      throw invalid(`${path}.fusion.weights.${leg} is ${given}; a weight is 0 or more.`, { actual: given });
    return { [leg]: given };
  };
  const k = number(rrfK, `${path}.fusion.rrfK`);
  if (k <= 0) throw invalid(`${path}.fusion.rrfK is ${k}; it must be above 0.`, { actual: k });
  const wanted = candidates === undefined ? 100 : integer(candidates, `${path}.fusion.candidates`, 1, MAX_WINDOW);
  return {
    method: method as EngineFusion["method"],
    weights: { ...weight("vector"), ...weight("text") },
    rrfK: k,
    candidates: Math.max(wanted, window),
  };
}

function include(value: unknown, path: string): EngineQuery["include"] {
  const given = options(value, `${path}.include`, INCLUDES);
  const flag = (name: string, otherwise: boolean): boolean => {
    const one = given[name] ?? otherwise;
    if (typeof one !== "boolean") throw new TypeError(`${path}.include.${name} must be a boolean, not ${kindOf(one)}.`);
    return one;
  };
  return { vector: flag("vector", false), text: flag("text", true), metadata: flag("metadata", true) };
}

function options(value: unknown, path: string, known: readonly string[]): { readonly [key: string]: unknown } {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError(`${path} must be an object, not ${kindOf(value)}.`);
  checkKeys(value, known, (key) =>
    invalid(`${path} has the unknown option "${key}"; known are ${known.join(", ")}.`, { option: key }),
  );
  return value as { readonly [key: string]: unknown };
}

function number(value: unknown, path: string): number {
  if (typeof value !== "number") throw new TypeError(`${path} must be a number, not ${kindOf(value)}.`);
  if (Number.isFinite(value)) return value;
  throw invalid(`${path} is ${value}, which is no finite number.`, {});
}

function integer(value: unknown, path: string, least: number, most: number): number {
  const given = number(value, path);
  if (Number.isInteger(given) && given >= least && given <= most) return given;
  throw invalid(`${path} is ${given}; it must be a whole number from ${least} to ${most}.`, {
    actual: given,
    least,
    most,
  });
}

function invalid(message: string, details: Readonly<Record<string, unknown>>): GennakerError {
  return new GennakerError("GENNAKER_INVALID_QUERY", message, { details });
}
