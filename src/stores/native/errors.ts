import { AbortError, GennakerError, isErrorCode } from "../../errors.ts";

/** An error of the addon as one of ours. What carries no code of ours is a defect: `INTERNAL`, with the original as its cause. */
export function fromNative(error: unknown, signal?: AbortSignal): unknown {
  if (!(error instanceof Error) || error instanceof GennakerError) return error;
  const { code, details, retryable } = error as Error & { code?: unknown; details?: unknown; retryable?: unknown };
  if (code === "GENNAKER_ABORTED") return new AbortError(signal?.reason);
  if (!isErrorCode(code)) {
    return new GennakerError("GENNAKER_INTERNAL", `The native engine failed: ${error.message}. Please report it.`, {
      cause: error,
    });
  }
  return new GennakerError(code, error.message, {
    details: (details ?? {}) as Record<string, unknown>,
    retryable: retryable === true,
  });
}

/** Does synchronous work of the addon. */
export function sync<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fromNative(error);
  }
}
