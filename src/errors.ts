/**
 * Every code, in the order of `crates/core/src/error.rs`; a test compares the two lists.
 * Codes are stable within a major version, messages are not.
 */
export const ERROR_CODES = [
  "GENNAKER_DIMENSION_MISMATCH",
  "GENNAKER_NOT_FINITE",
  "GENNAKER_ZERO_VECTOR",
  "GENNAKER_INVALID_ID",
  "GENNAKER_INVALID_FILTER",
  "GENNAKER_INVALID_QUERY",
  "GENNAKER_INVALID_SCHEMA",
  "GENNAKER_LIMIT_EXCEEDED",
  "GENNAKER_NOT_FOUND",
  "GENNAKER_UNSUPPORTED",
  "GENNAKER_INVALID_NAME",
  "GENNAKER_INVALID_CONFIG",
  "GENNAKER_EMBEDDER_FAILED",
  "GENNAKER_FORMAT_TOO_NEW",
  "GENNAKER_LOCKED",
  "GENNAKER_READ_ONLY",
  "GENNAKER_CLOSED",
  "GENNAKER_ABORTED",
  "GENNAKER_TIMEOUT",
  "GENNAKER_CORRUPT",
  "GENNAKER_DISK_FULL",
  "GENNAKER_IO",
  "GENNAKER_GATE_REFUSED",
  "GENNAKER_GENERATION_GONE",
  "GENNAKER_EMBEDDER_MISMATCH",
  "GENNAKER_ENGINE_UNAVAILABLE",
  "GENNAKER_NATIVE_MISSING",
  "GENNAKER_INTERNAL",
] as const;

/** What went wrong, for programs: fallback, retries and tests decide on it, never on a message. */
export type ErrorCode = (typeof ERROR_CODES)[number];

const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  "GENNAKER_LOCKED",
  "GENNAKER_TIMEOUT",
  "GENNAKER_DISK_FULL",
  "GENNAKER_ENGINE_UNAVAILABLE",
]);

/** Parts of an error beside its code and message. */
export interface GennakerErrorOptions {
  /** The values that the message speaks of; `position` is the index of the one bad document or query of a batch. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Whether the same call may succeed later. Default: decided by the code. */
  readonly retryable?: boolean;
  /** The failure below this one. */
  readonly cause?: unknown;
}

/** A failure with its stable code. A wrong argument type is a `TypeError` instead. */
export class GennakerError extends Error {
  /** `GennakerError`, also where classes come from another copy of the package. */
  override readonly name: string = "GennakerError";
  /** Stable within a major version. */
  readonly code: ErrorCode;
  /** The values that the message speaks of. */
  readonly details: Readonly<Record<string, unknown>>;
  /** Whether the same call may succeed later without a change by the caller. */
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: GennakerErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = options.details ?? {};
    this.retryable = options.retryable ?? RETRYABLE.has(code);
  }
}

/** The caller aborted: `cause` is the signal's reason. */
export class AbortError extends GennakerError {
  /** `AbortError`, as the platform's own aborts have it. */
  override readonly name: string = "AbortError";

  constructor(reason: unknown) {
    super("GENNAKER_ABORTED", "The call was aborted by its signal.", { cause: reason });
  }
}

/** What a call rejects with that hears of its end through `signal`: our own reason as it is, else an `AbortError`. */
export function abortReason(signal: AbortSignal): GennakerError {
  return signal.reason instanceof GennakerError ? signal.reason : new AbortError(signal.reason);
}

/** Whether `value` is one of the codes above. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && (ERROR_CODES as readonly string[]).includes(value);
}
