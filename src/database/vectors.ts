import { GennakerError } from "../errors.ts";
import { kindOf } from "./names.ts";

/** Components of a vector. */
export const MAX_DIMENSION = 4096;

/** A copy as `Float32Array`; refuses NaN, infinities (also beyond f32), none or more than 4,096 components. */
export function copyVector(
  value: unknown,
  path: string,
  details: Readonly<Record<string, unknown>> = {},
): Float32Array {
  if (!(value instanceof Float32Array) && !Array.isArray(value)) {
    const isKnown = value instanceof Uint8Array || (typeof value === "object" && value !== null && "indices" in value);
    if (isKnown) throw unsupportedKind(path, details);
    throw new TypeError(`${path} must be a Float32Array or an array of numbers, not ${kindOf(value)}.`);
  }
  if (Array.isArray(value)) {
    if (value[0] instanceof Float32Array) throw unsupportedKind(path, details);
    const wrong = value.findIndex((x) => typeof x !== "number");
    if (wrong >= 0) throw new TypeError(`${path}[${wrong}] must be a number, not ${kindOf(value[wrong])}.`);
  }
  if (value.length === 0 || value.length > MAX_DIMENSION) {
    throw new GennakerError(
      value.length === 0 ? "GENNAKER_DIMENSION_MISMATCH" : "GENNAKER_LIMIT_EXCEEDED",
      `${path} has ${value.length} components; a vector has 1 to ${MAX_DIMENSION}.`,
      { details: { ...details, actual: value.length, limit: MAX_DIMENSION } },
    );
  }
  const copy = Float32Array.from(value as ArrayLike<number>);
  const wrong = copy.findIndex((x) => !Number.isFinite(x));
  if (wrong >= 0) {
    throw new GennakerError(
      "GENNAKER_NOT_FINITE",
      `${path}[${wrong}] is ${value[wrong]}, which is no finite 32-bit number.`,
      {
        details: { ...details, component: wrong },
      },
    );
  }
  return copy;
}

function unsupportedKind(path: string, details: Readonly<Record<string, unknown>>): GennakerError {
  return new GennakerError(
    "GENNAKER_UNSUPPORTED",
    `${path} is a sparse, binary or multi vector; this version stores dense ones (Float32Array or number[]).`,
    { details },
  );
}
