import { GennakerError } from "../errors.ts";

const NAME = /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,126}[A-Za-z0-9_-])?$/;
const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;
const MAX_ID_BYTES = 1024;

/** Checks the name of a collection: 1 to 128 of `A-Z a-z 0-9 _ . -`, no path, no Windows device. */
export function checkCollectionName(name: unknown): string {
  if (typeof name !== "string") throw new TypeError(`The name of a collection must be a string, not ${kindOf(name)}.`);
  if (NAME.test(name) && !DEVICE.test(name)) return name;
  throw new GennakerError(
    "GENNAKER_INVALID_NAME",
    `${JSON.stringify(name)} is no name for a collection. Use 1 to 128 letters, digits, "_", "." and "-", not beginning with "." or "-" ` +
      `nor ending with ".", and no name of a Windows device.`,
    { details: { name } },
  );
}

/** Checks a namespace: 1 to 1,024 bytes of UTF-8, well formed. It is part of every key and never becomes a path. */
export function checkNamespace(name: unknown): string {
  if (typeof name !== "string") throw new TypeError(`A namespace must be a string, not ${kindOf(name)}.`);
  const bytes = Buffer.byteLength(name);
  if (bytes > 0 && bytes <= MAX_ID_BYTES && name.isWellFormed()) return name;
  const what = bytes === 0 ? "is empty" : name.isWellFormed() ? `has ${bytes} bytes` : "has a lone surrogate";
  throw new GennakerError(
    "GENNAKER_INVALID_NAME",
    `The namespace ${what}. It has 1 to ${MAX_ID_BYTES} bytes of UTF-8.`,
    {
      details: { bytes },
    },
  );
}

/** Checks an id: 1 to 1,024 bytes of UTF-8, well formed. */
export function checkId(id: unknown, path: string, details: Readonly<Record<string, unknown>> = {}): string {
  if (typeof id !== "string") throw new TypeError(`${path} must be a string, not ${kindOf(id)}.`);
  const bytes = Buffer.byteLength(id);
  if (bytes > 0 && bytes <= MAX_ID_BYTES && id.isWellFormed()) return id;
  const what = bytes === 0 ? "is empty" : id.isWellFormed() ? `has ${bytes} bytes` : "has a lone surrogate";
  throw new GennakerError("GENNAKER_INVALID_ID", `${path} ${what}. An id has 1 to ${MAX_ID_BYTES} bytes of UTF-8.`, {
    details: { ...details, bytes },
  });
}

/** What a value is, for the message of a `TypeError`. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return `an object${value.constructor ? ` of class ${value.constructor.name}` : ""}`;
  return value === undefined ? "undefined" : `a ${typeof value}`;
}

/** Refuses keys that nobody would read: a typing error must not be ignored. */
export function checkKeys(value: object, known: readonly string[], refuse: (key: string) => Error): void {
  for (const key of Object.keys(value)) if (!known.includes(key)) throw refuse(key);
}
