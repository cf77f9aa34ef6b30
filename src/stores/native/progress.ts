import type { ProgressListener } from "../../model.ts";
import type { EngineCall } from "../../engine/port.ts";

/** Takes the share done, 0 to 1. */
type Report = (share: number) => void;

/**
 * Does long work of `total` units and turns the shares it reports into progress. Reports end with the work: what is under way
 * then is dropped, after one that says all is done. A listener that throws stops the work (unless
 * that is done), and its error is the call's.
 */
export async function watched<T>(
  phase: string,
  total: number,
  { signal, progress }: EngineCall & { readonly progress?: ProgressListener },
  work: (signal?: AbortSignal, report?: Report) => Promise<T>,
): Promise<T> {
  if (!progress) return await work(signal);
  const started = performance.now();
  const controller = new AbortController();
  let failure: { error: unknown } | undefined;
  let isOver = false;
  const report: Report = (share) => {
    if (isOver) return;
    const seconds = (performance.now() - started) / 1000;
    const done = Math.min(total, Math.round(share * total));
    const rate = seconds > 0 ? done / seconds : 0;
    const eta = rate > 0 ? { etaMs: ((total - done) / rate) * 1000 } : {};
    try {
      progress({ phase, done, total, rate, ...eta });
    } catch (error) {
      failure = { error };
      isOver = true;
      controller.abort();
    }
  };
  try {
    const result = await work(signal ? AbortSignal.any([signal, controller.signal]) : controller.signal, report);
    report(1);
    return result;
  } catch (error) {
    throw failure ? failure.error : error;
  } finally {
    isOver = true;
  }
}
