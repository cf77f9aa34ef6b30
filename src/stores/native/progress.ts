import type { ProgressListener } from "../../model.ts";

/**
 * Makes reports out of the share done, 0 to 1, of `total` units. What arrives after `end` is dropped: it was under way when the
 * work ended. A listener that throws is not asked again; its error comes out of `end`.
 */
export function reporter(phase: string, total: number, listener: ProgressListener): { report: (share: number) => void; end: () => void } {
  const started = performance.now();
  let isOver = false;
  let failure: { error: unknown } | undefined;
  return {
    report(share) {
      if (isOver || failure) return;
      const seconds = (performance.now() - started) / 1000;
      const done = Math.min(total, Math.round(share * total));
      const rate = seconds > 0 ? done / seconds : 0;
      const eta = rate > 0 ? { etaMs: ((total - done) / rate) * 1000 } : {};
      try {
        listener({ phase, done, total, rate, ...eta });
      } catch (error) {
        failure = { error };
      }
    },
    end() {
      isOver = true;
      if (failure) throw failure.error;
    },
  };
}
