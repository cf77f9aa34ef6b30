import type { JsonObject, JsonValue } from "../../model.ts";

/**
 * Applies a JSON merge patch (RFC 7386): `null` removes, objects merge, anything else replaces. Changes neither input.
 * Keys are defined, never assigned, so `__proto__` is data like any other.
 */
export function mergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === "object" && target !== null && !Array.isArray(target) ? target : {};
  const entries = new Map(Object.entries(base as JsonObject));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) entries.delete(key);
    else entries.set(key, mergePatch(entries.get(key), value));
  }
  return Object.fromEntries(entries);
}
