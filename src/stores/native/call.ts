import { AbortError } from "../../errors.ts";
import type { CancelFlag } from "./binding.d.ts";
import { fromNative } from "./errors.ts";
import type { Binding } from "./load.ts";

/** Flags that nobody raised and no work polls any more: making one costs more than a small search. */
const free: CancelFlag[] = [];
const MOST_FREE = 256;

/** Has the addon do work that nobody can abort. */
export async function plain<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fromNative(error);
  }
}

/** Has the addon do work that stops when `signal` is aborted: one listener, gone when the work has ended. */
export async function abortable<T>(
  binding: Binding,
  signal: AbortSignal | undefined,
  work: (cancel?: CancelFlag) => Promise<T>,
): Promise<T> {
  if (!signal) return await plain(work);
  if (signal.aborted) throw new AbortError(signal.reason);
  const flag = free.pop() ?? new binding.CancelFlag();
  const cancel = (): void => flag.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return await work(flag);
  } catch (error) {
    throw fromNative(error, signal);
  } finally {
    signal.removeEventListener("abort", cancel);
    if (!signal.aborted && free.length < MOST_FREE) free.push(flag);
  }
}
