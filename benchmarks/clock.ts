import type { Figures } from "./figures.ts";
import { quantile } from "./statistics.ts";

/** Runs query `i`; what it returns is waited for and dropped. */
export type Ask = (i: number) => unknown;

/** Wall and CPU seconds of `work`, all threads of this process together. */
export async function timed(work: () => unknown): Promise<{ wallS: number; cpuS: number }> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await work();
  const wallS = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { wallS, cpuS: (user + system) / 1e6 };
}

/**
 * Queries 0 to `count` one after another: latency and CPU of each. Stops early after `budgetMs`, but not before 20 queries.
 */
export async function latency(ask: Ask, count: number, budgetMs: number): Promise<Figures> {
  const times: number[] = [];
  const deadline = performance.now() + budgetMs;
  const { cpuS } = await timed(async () => {
    for (let i = 0; i < count && (i < 20 || performance.now() < deadline); i++) {
      const started = performance.now();
      await ask(i);
      times.push(performance.now() - started);
    }
  });
  return { p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99), cpuMs: (1000 * cpuS) / times.length };
}

/** Queries answered per second with `inFlight` always waiting, over about `durationMs`. */
export async function throughput(ask: Ask, count: number, inFlight: number, durationMs: number): Promise<number> {
  let next = 0;
  const started = performance.now();
  const deadline = started + durationMs;
  const lane = async () => {
    do await ask(next++ % count);
    while (performance.now() < deadline);
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return (1000 * next) / (performance.now() - started);
}
