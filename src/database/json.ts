import { GennakerError, type ErrorCode } from "../errors.ts";
import type { JsonValue } from "../model.ts";

/** Levels of arrays and objects in metadata and in one value of a filter. */
export const MAX_DEPTH = 32;

/** Where a value came from, for messages. */
export interface Origin {
  /** As the caller would write it: `documents[3].metadata`. */
  readonly path: string;
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
}

type Slot = (value: JsonValue) => void;

/**
 * A copy of `value` that holds only JSON: dates become ISO strings, `undefined` properties are left out, keys such as
 * `__proto__` are kept as data (objects of the copy have no prototype). Does not recurse, so no input exhausts the stack.
 * Refuses what JSON would change silently: bigint, functions, symbols, NaN, infinities, other objects, lone surrogates.
 */
export function copyJson(value: unknown, origin: Origin): JsonValue {
  let result: JsonValue = null;
  const pending: { value: unknown; level: number; path: string; put: Slot }[] = [
    { value, level: 0, path: origin.path, put: (copied) => (result = copied) },
  ];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value: one, level, path, put } = next;
    if (typeof one !== "object" || one === null || one instanceof Date) {
      put(copyScalar(one, path, origin));
      continue;
    }
    if (level >= MAX_DEPTH) {
      throw new GennakerError(
        "GENNAKER_LIMIT_EXCEEDED",
        `${origin.path} is nested deeper than ${MAX_DEPTH} levels. Flatten it.`,
        {
          details: { ...origin.details, limit: MAX_DEPTH, actual: level + 1 },
        },
      );
    }
    if (Array.isArray(one)) {
      const copy: JsonValue[] = [];
      put(copy);
      for (let i = 0; i < one.length; i++) {
        pending.push({ value: one[i], level: level + 1, path: `${path}[${i}]`, put: (copied) => (copy[i] = copied) });
      }
      continue;
    }
    if (!isPlain(one)) refuse(`an object of class ${one.constructor?.name ?? "unknown"}`, path, origin);
    const copy = Object.create(null) as { [key: string]: JsonValue };
    put(copy);
    for (const [key, item] of Object.entries(one)) {
      if (item === undefined) continue;
      if (!key.isWellFormed()) refuse("a key with a lone surrogate", path, origin);
      copy[key] = null; // fixes the order of keys; the value follows
      pending.push({ value: item, level: level + 1, path: `${path}.${key}`, put: (copied) => (copy[key] = copied) });
    }
  }
  return result;
}

/** Whether `value` is an object literal, of this realm or another, or one without a prototype. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    prototype === null ||
    (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, "isPrototypeOf"))
  );
}

function copyScalar(value: unknown, path: string, origin: Origin): JsonValue {
  switch (typeof value) {
    case "string":
      return value.isWellFormed() ? value : refuse("a string with a lone surrogate", path, origin);
    case "number":
      return Number.isFinite(value) ? value : refuse(String(value), path, origin);
    case "boolean":
      return value;
    case "object":
      if (value === null) return null;
      return Number.isNaN((value as Date).getTime())
        ? refuse("an invalid date", path, origin)
        : (value as Date).toISOString();
    default:
      return refuse(`a ${typeof value}`, path, origin);
  }
}

function refuse(what: string, path: string, origin: Origin): never {
  throw new GennakerError(
    origin.code,
    `${path} is ${what}, which JSON does not keep. Convert it to a string or a number.`,
    {
      details: { ...origin.details, path },
    },
  );
}
