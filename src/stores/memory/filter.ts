import type { JsonObject, JsonValue } from "../../model.ts";
import type { JsonFilter } from "../../engine/port.ts";
import { parseInstant } from "./instant.ts";
import { compareUtf8 } from "./order.ts";

/** Says of a field whether it is declared `date`, so that strings compare by instant. */
export type IsDate = (field: string) => boolean;

/** Whether a parsed filter is true of a document's metadata. A document without metadata has no field. */
export function matchesFilter(filter: JsonFilter, metadata: JsonObject | undefined, isDate: IsDate): boolean {
  return Object.entries(filter).every(([key, value]) => {
    switch (key) {
      case "$and":
        return (value as JsonFilter[]).every((part) => matchesFilter(part, metadata, isDate));
      case "$or":
        return (value as JsonFilter[]).some((part) => matchesFilter(part, metadata, isDate));
      case "$not":
        return !matchesFilter(value as JsonFilter, metadata, isDate);
      default:
        return matchesField(lookUp(metadata, key), value, isDate(key));
    }
  });
}

/** A top-level key equal to the whole name wins; else a dotted name walks into objects, never into arrays. */
export function lookUp(metadata: JsonObject | undefined, name: string): JsonValue | undefined {
  if (metadata === undefined) return undefined;
  if (Object.hasOwn(metadata, name)) return metadata[name];
  if (!name.includes(".")) return undefined;
  let value: JsonValue | undefined = metadata;
  for (const part of name.split(".")) {
    if (!isObject(value) || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return value;
}

function matchesField(value: JsonValue | undefined, condition: JsonValue, isDate: boolean): boolean {
  if (!isObject(condition) || !Object.keys(condition).some((key) => key.startsWith("$")))
    return equal(value, condition, isDate);
  return Object.entries(condition).every(([operator, operand]) => matchesOperator(value, operator, operand, isDate));
}

function matchesOperator(value: JsonValue | undefined, operator: string, operand: JsonValue, isDate: boolean): boolean {
  const order = (): number | undefined => compare(value, operand, isDate);
  switch (operator) {
    case "$eq":
      return equal(value, operand, isDate);
    case "$ne":
      return !equal(value, operand, isDate);
    case "$in":
      return (operand as JsonValue[]).some((one) => equal(value, one, isDate));
    case "$nin":
      return !(operand as JsonValue[]).some((one) => equal(value, one, isDate));
    case "$gt":
      return (order() ?? 0) > 0;
    case "$gte":
      return (order() ?? -1) >= 0;
    case "$lt":
      return (order() ?? 0) < 0;
    case "$lte":
      return (order() ?? 1) <= 0;
    case "$exists":
      return (value !== undefined) === operand;
    case "$contains":
      return Array.isArray(value) && value.some((item) => equal(item, operand, isDate));
    case "$startsWith":
      return typeof value === "string" && value.startsWith(operand as string);
    default:
      return false;
  }
}

/** Equality without coercion. In a date field a text that is no date equals nothing. */
function equal(a: JsonValue | undefined, b: JsonValue, isDate: boolean): boolean {
  if (a === undefined) return false;
  if (isDate && typeof a === "string" && typeof b === "string") return compare(a, b, true) === 0;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i] as JsonValue, false));
  if (isObject(a)) {
    const keys = Object.keys(a);
    return (
      isObject(b) &&
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key] as JsonValue, false))
    );
  }
  return a === b;
}

/** Negative, zero or positive; `undefined` across types and for types without an order. */
function compare(a: JsonValue | undefined, b: JsonValue, isDate: boolean): number | undefined {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a !== "string" || typeof b !== "string") return undefined;
  if (!isDate) return compareUtf8(a, b);
  const [x, y] = [parseInstant(a), parseInstant(b)];
  return x === undefined || y === undefined ? undefined : Number(x - y);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
