import { AbortError, GennakerError } from "../errors.ts";
import type { EngineCall } from "../engine/port.ts";
import type { CallOptions } from "../model.ts";
import { kindOf } from "./names.ts";

const LONGEST_TIMER = 2 ** 31 - 1;

/** What a call does to the store: closing waits for writes and stops reads. */
export type CallKind = "read" | "write";

/**
 * The calls of one handle. Each is refused after `close`, and rejects as soon as its signal, its deadline or `close` says so,
 * whatever the engine does meanwhile; the engine hears of it through the signal that `work` gets.
 */
export class Calls {
  readonly #writes = new Set<Promise<unknown>>();
  readonly #stops = new Set<(error: Error) => void>();
  readonly #closing = new AbortController();

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Aborted by `close`: for work that precedes a write and may be given up, as embedding is. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Throws when the handle was closed. */
  check(): void {
    if (this.isClosed) throw closed();
  }

  /** Runs one call. `work` starts at once; only its result is asynchronous. */
  async run<T>(kind: CallKind, options: CallOptions | undefined, work: (call: EngineCall) => Promise<T>): Promise<T> {
    this.check();
    const { signal, timeoutMs } = checkCall(options);
    if (signal?.aborted) throw new AbortError(signal.reason);
    const controller = new AbortController();
    const promise = work({ signal: controller.signal });
    if (kind === "write") {
      const settled = promise.then(ignore, ignore);
      this.#writes.add(settled);
      void settled.then(() => this.#writes.delete(settled));
    }
    return await this.#race(kind, promise, controller, signal, timeoutMs);
  }

  #race<T>(
    kind: CallKind,
    work: Promise<T>,
    controller: AbortController,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const stop = (error: Error): void => {
        end();
        reject(error);
        controller.abort(error);
      };
      const onAbort = (): void => stop(new AbortError(signal?.reason));
      const timer =
        timeoutMs === undefined
          ? undefined
          : setTimeout(() => stop(late(timeoutMs)), Math.min(timeoutMs, LONGEST_TIMER));
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        this.#stops.delete(stop);
      };
      signal?.addEventListener("abort", onAbort);
      if (kind === "read") this.#stops.add(stop);
      work.then(
        (value) => (end(), resolve(value)),
        (error: unknown) => (end(), reject(error)),
      );
    });
  }

  /** Refuses further calls, stops the reads under way with `CLOSED` and waits for the writes. */
  async close(): Promise<void> {
    this.closeSync();
    await Promise.all(this.#writes);
  }

  /** The same without waiting. */
  closeSync(): void {
    if (!this.isClosed) this.#closing.abort(closed());
    for (const stop of this.#stops) stop(closed());
  }
}

/** Validates what every call may carry. */
export function checkCall(options: CallOptions | undefined): CallOptions {
  if (options === undefined) return {};
  if (typeof options !== "object" || options === null)
    throw new TypeError(`options must be an object, not ${kindOf(options)}.`);
  const { signal, timeoutMs } = options;
  if (
    signal !== undefined &&
    !(
      typeof signal === "object" &&
      signal !== null &&
      "aborted" in signal &&
      typeof signal.addEventListener === "function"
    )
  ) {
    throw new TypeError(`signal must be an AbortSignal, not ${kindOf(signal)}.`);
  }
  if (timeoutMs !== undefined && typeof timeoutMs !== "number")
    throw new TypeError(`timeoutMs must be a number, not ${kindOf(timeoutMs)}.`);
  if (timeoutMs !== undefined && !(timeoutMs > 0)) {
    throw new GennakerError("GENNAKER_INVALID_QUERY", `timeoutMs is ${timeoutMs}; it must be above 0.`, {
      details: { timeoutMs },
    });
  }
  return { signal, timeoutMs };
}

function closed(): GennakerError {
  return new GennakerError("GENNAKER_CLOSED", "The database was closed. Open it again.");
}

function late(timeoutMs: number): GennakerError {
  return new GennakerError(
    "GENNAKER_TIMEOUT",
    `The call took longer than ${timeoutMs} ms. Allow more, or ask for less.`,
    { details: { timeoutMs } },
  );
}

function ignore(): void {}
