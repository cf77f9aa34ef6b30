import { expect, it } from "vitest";
import { latency, throughput } from "../../benchmarks/clock.ts";
import { advantage } from "../../benchmarks/figures.ts";
import { median, ndcg, overlap, quantile, spread } from "../../benchmarks/statistics.ts";

it("takes quantiles between neighbours", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(quantile([10, 20, 30, 40, 50], 0.99)).toBeCloseTo(49.6, 10);
  expect(quantile([7], 0.99)).toBe(7);
  expect(quantile([], 0.5)).toBeNaN();
});

it("spreads from the smallest to the largest round, beside the median", () => {
  expect(spread([9, 10, 12])).toBeCloseTo(0.3, 12);
  expect(spread([5])).toBe(0);
  expect(spread([0, 0, 0])).toBe(0);
});

it("counts what was expected and found", () => {
  expect(overlap([1, 2, 3], [2, 3, 4, 5])).toBe(0.5);
  expect(overlap([], [])).toBe(1);
});

it("discounts gains by rank", () => {
  const judged = [[7, 1]] as const;
  expect(ndcg([7, 1, 2], judged)).toBe(1);
  expect(ndcg([1, 7, 2], judged)).toBeCloseTo(1 / Math.log2(3), 12);
  expect(ndcg([1, 2, 3], judged)).toBe(0);
  const graded = [
    [1, 2],
    [2, 1],
  ] as const;
  expect(ndcg([2, 1], graded)).toBeCloseTo((1 + 2 / Math.log2(3)) / (2 + 1 / Math.log2(3)), 12);
  expect(ndcg([9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 7], judged)).toBe(0);
});

it("says how many times better, whichever way a figure counts", () => {
  expect(advantage("p50Ms", 2, 1)).toBe(0.5);
  expect(advantage("qps1", 2, 1)).toBe(2);
});

it("asks every query once, and stops when time is up", async () => {
  const asked: number[] = [];
  const figures = await latency((i) => asked.push(i), 30, 10_000);
  expect(asked).toEqual(Array.from({ length: 30 }, (_, i) => i));
  expect(figures.p99Ms).toBeGreaterThanOrEqual(figures.p50Ms ?? Number.NaN);
  const pause = () => new Promise((resolve) => setTimeout(resolve, 2));
  let count = 0;
  await latency(async () => (count++, await pause()), 10_000, 1);
  expect(count).toBe(20);
});

it("keeps as many questions in flight as asked for", async () => {
  let [waiting, most, asked] = [0, 0, 0];
  const ask = async () => {
    asked++;
    most = Math.max(most, ++waiting);
    await new Promise((resolve) => setTimeout(resolve, 2));
    waiting--;
  };
  const started = performance.now();
  const rate = await throughput(ask, 10, 8, 60);
  const seconds = (performance.now() - started) / 1000;
  expect(most).toBe(8);
  expect(waiting).toBe(0);
  expect(Math.abs(rate * seconds - asked)).toBeLessThan(0.05 * asked);
});
