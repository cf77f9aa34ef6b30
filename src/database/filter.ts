import { GennakerError } from "../errors.ts";
import type { JsonFilter } from "../engine/port.ts";
import type { JsonValue } from "../model.ts";
import { copyJson, isPlain, MAX_DEPTH } from "./json.ts";
import { kindOf } from "./names.ts";

const MAX_NODES = 1024;
const MAX_IN_VALUES = 1_000_000;
const OPERATORS = ["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$contains", "$startsWith"];
const JOINS = ["$and", "$or", "$not"];

/** A validated copy of a filter as JSON. `undefined` inside is refused: a value lost by accident must not widen a filter. */
export function parseFilter(filter: unknown): JsonFilter {
  return new Parser().filter(filter, 1, "filter");
}

class Parser {
  #nodes = 0;

  /** Recursion is bounded: every level is counted before it is entered. */
  filter(value: unknown, depth: number, place: string): JsonFilter {
    if (depth > MAX_DEPTH) throw tooMuch("levels of filters inside filters", MAX_DEPTH, depth);
    if (typeof value !== "object" || value === null || Array.isArray(value) || !isPlain(value)) {
      throw invalid(`${place} must be an object such as { field: value }, not ${kindOf(value)}.`, { operator: place });
    }
    const entries = Object.entries(value);
    if (entries.length === 0) this.#count(1);
    return Object.fromEntries(entries.map(([key, one]) => [key, this.#entry(key, one, depth)]));
  }

  #entry(key: string, value: unknown, depth: number): JsonValue {
    if (key === "$not") {
      this.#count(1);
      return this.filter(value, depth + 1, key);
    }
    if (key === "$and" || key === "$or") {
      if (!Array.isArray(value) || value.length === 0) {
        throw invalid(`${key} needs an array of at least one filter; {} alone matches everything.`, { operator: key });
      }
      this.#count(1);
      if (this.#nodes + value.length > MAX_NODES) throw tooMuch("conditions", MAX_NODES, this.#nodes + value.length);
      return value.map((one) => this.filter(one, depth + 1, key));
    }
    if (!key.startsWith("$")) return this.#condition(key, value);
    throw OPERATORS.includes(key)
      ? invalid(`${key} stands inside a field: { field: { ${key}: … } }.`, { operator: key })
      : invalid(
          `Unknown operator "${key}"; around filters stand ${JOINS.join(" ")}, inside a field ${OPERATORS.join(" ")}.`,
          { operator: key },
        );
  }

  #condition(field: string, value: unknown): JsonValue {
    const isOperators =
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      isPlain(value) &&
      Object.keys(value).some((key) => key.startsWith("$"));
    if (!isOperators) {
      this.#count(1);
      return operand(field, "$eq", value);
    }
    return Object.fromEntries(
      Object.entries(value).map(([operator, one]) => {
        this.#count(1);
        return [operator, operand(field, operator, one)];
      }),
    );
  }

  #count(more: number): void {
    this.#nodes += more;
    if (this.#nodes > MAX_NODES) throw tooMuch("conditions", MAX_NODES, this.#nodes);
  }
}

function operand(field: string, operator: string, value: unknown): JsonValue {
  const details = { operator, field };
  const wrong = (wanted: string): GennakerError =>
    invalid(`${operator} on field "${field}" takes ${wanted}, not ${kindOf(value)}.`, details);
  switch (operator) {
    case "$in":
    case "$nin":
      if (!Array.isArray(value)) throw wrong("an array of values");
      if (value.length > MAX_IN_VALUES) throw tooMuch("values in one $in", MAX_IN_VALUES, value.length);
      break;
    case "$exists":
      if (typeof value !== "boolean") throw wrong("true or false");
      break;
    case "$startsWith":
      if (typeof value !== "string") throw wrong("a string");
      break;
    case "$gt":
    case "$gte":
    case "$lt":
    case "$lte":
      if (typeof value === "object" && value !== null && !(value instanceof Date))
        throw wrong("a number, a string or a date");
      break;
    case "$eq":
    case "$ne":
    case "$contains":
      break;
    case "$near":
      throw new GennakerError(
        "GENNAKER_UNSUPPORTED",
        `$near on field "${field}" needs a geo index, which this version does not have; store lat and lon as two numbers and use $gte and $lte.`,
        { details },
      );
    default:
      if (operator.startsWith("$")) {
        const hint = JOINS.includes(operator) ? `; ${operator} stands around filters` : "";
        throw invalid(
          `Unknown operator "${operator}" on field "${field}"; known are ${OPERATORS.join(" ")}${hint}.`,
          details,
        );
      }
      throw invalid(
        `Field "${field}" has operators and the plain key "${operator}" in one object; to compare with an object, use { $eq: { … } }.`,
        details,
      );
  }
  return copyJson(value, { path: `filter.${field}`, code: "GENNAKER_INVALID_FILTER", details });
}

function invalid(message: string, details: Readonly<Record<string, unknown>>): GennakerError {
  return new GennakerError("GENNAKER_INVALID_FILTER", message, { details });
}

function tooMuch(what: string, limit: number, actual: number): GennakerError {
  return new GennakerError(
    "GENNAKER_LIMIT_EXCEEDED",
    `A filter may have at most ${limit} ${what}, this one has ${actual} or more; split the query.`,
    {
      details: { limit, actual },
    },
  );
}
