import type { Progress } from "../model.ts";
import { escape } from "./escape.ts";
import type { Output } from "./output.ts";
import { count, time } from "./units.ts";

const INTERVAL_MS = 100;
const CLEAR = "\r\u001B[2K";

/** A line on standard error that tells how far long work is, at what rate, and how long it will take. Only on a terminal. */
export class ProgressLine {
  readonly #output: Output;
  readonly #isShown: boolean;
  #written = -Infinity;
  #isOpen = false;

  constructor(output: Output) {
    this.#output = output;
    this.#isShown = output.stderr.isTTY === true;
  }

  /** Shows a report, at most ten times per second. */
  show(progress: Progress, unit = ""): void {
    const now = performance.now();
    if (!this.#isShown || now - this.#written < INTERVAL_MS) return;
    this.#written = now;
    const columns = Math.max(20, (this.#output.stderr.columns || 80) - 1);
    this.#output.stderr.write(CLEAR + lineOf(progress, unit).slice(0, columns));
    this.#isOpen = true;
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#isOpen) this.#output.stderr.write(CLEAR);
    this.#isOpen = false;
    this.#written = -Infinity;
  }
}

/** One report in words: `reading  340 of 1,200 files  28 %  210/s  4.1 s left`. */
export function lineOf({ phase, done, total, rate, etaMs }: Progress, unit = ""): string {
  const suffix = unit === "" ? "" : ` ${unit}`;
  const parts = [
    escape(phase),
    total === undefined ? `${count(done)}${suffix}` : `${count(done)} of ${count(total)}${suffix}`,
  ];
  if (total !== undefined && total > 0) parts.push(`${Math.floor((100 * Math.min(done, total)) / total)} %`);
  if (Number.isFinite(rate) && rate > 0) parts.push(`${count(Math.round(rate))}/s`);
  if (etaMs !== undefined && Number.isFinite(etaMs)) parts.push(`${time(Math.max(0, etaMs))} left`);
  return parts.join("  ");
}

/** Turns counts into reports: rate since the start, time left by the share that is done. */
export class Meter {
  readonly #phase: string;
  readonly #total: number;
  readonly #started = performance.now();

  constructor(phase: string, total: number) {
    this.#phase = phase;
    this.#total = total;
  }

  /** A report for `done` of the total; `share` (0 to 1) tells the time left better when units differ in size. */
  at(done: number, share = done / Math.max(1, this.#total)): Progress {
    const elapsed = performance.now() - this.#started;
    const eta = share > 0 ? { etaMs: (elapsed / share) * (1 - Math.min(1, share)) } : {};
    return { phase: this.#phase, done, total: this.#total, rate: done / Math.max(elapsed / 1000, 1e-3), ...eta };
  }
}
