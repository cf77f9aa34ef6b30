import { expect, it } from "vitest";
import { compareWithBest, report } from "../../benchmarks/report.ts";
import type { Measured, Row, Run, Section } from "../../benchmarks/results.ts";

const once = (median: number): Measured => ({ median, samples: [median] });
const rounds = (median: number, spread: number): Measured => ({ median, spread, samples: [median] });

function row(engine: string, figures: Row["figures"], serves = ["point"]): Row {
  return { engine, version: "1", serves, parameters: { ef: 10 }, figures };
}

function run(section: Partial<Section>): Run {
  const base = { case: "vectors", set: "s", note: "n", rows: 1000, queries: 5, results: [], absent: [], notes: [] };
  return {
    format: 1,
    date: "2026-01-01T00:00:00.000Z",
    commit: "abc",
    machine: { cpu: "c", cores: 2, memoryGiB: 4, system: "s", node: "v24" },
    loadBefore: 0.5,
    loadAfter: 1,
    rounds: 3,
    seconds: 9,
    sections: [{ ...base, ...section }],
  };
}

const ours = row("gennaker", { p50Ms: rounds(2, 0.1), qps1: rounds(500, 0.1), buildS: once(1), recall: once(1) });
const fast = row("fast", { p50Ms: rounds(1, 0.1), qps1: rounds(400, 0.1), recall: once(0.95) });
const slow = row("slow", { p50Ms: rounds(8, 0.1), qps1: rounds(505, 0.1), buildS: once(4) });

it("compares each figure with the best peer of that figure", () => {
  expect(compareWithBest(ours, [slow, fast])).toEqual([
    { figure: "p50Ms", peer: "fast", ratio: 0.5, isNoise: false },
    { figure: "qps1", peer: "slow", ratio: 500 / 505, isNoise: true },
    { figure: "buildS", peer: "slow", ratio: 4, isNoise: false },
  ]);
  expect(compareWithBest(ours, [])).toEqual([]);
});

it("shows losses first, then the engines from fast to slow", () => {
  const text = report(run({ results: [ours, slow, fast] }));
  expect(text).toContain(
    "gennaker beside the best peer, more is better: p50 ms 0.50x fast · QPS x1 0.99x~ slow · build s 4.00x slow",
  );
  const lines = text.split("\n").filter((line) => /^ {2}(fast|gennaker|slow) 1/.test(line));
  expect(lines.map((line) => line.trim().split(" ")[0])).toEqual(["fast", "gennaker", "slow"]);
  expect(lines[0]).toMatch(/0\.9500 +1\.000 ±5% +400 ±5% +- +ef 10$/);
});

it("puts engines beside each other only where they reach the same", () => {
  const exact = row("gennaker", { p50Ms: rounds(2, 0) }, ["0.95", "0.99"]);
  const low = row("peer", { p50Ms: rounds(1, 0) }, ["0.95"]);
  const high = row("peer", { p50Ms: rounds(3, 0) }, ["0.99"]);
  const ratios = (results: Row[]) => report(run({ results })).match(/p50 ms [\d.]+x/g);
  expect(ratios([exact, low, high])).toEqual(["p50 ms 0.50x", "p50 ms 1.50x"]);
  const both = row("peer", { p50Ms: rounds(1, 0) }, ["0.95", "0.99"]);
  expect(ratios([exact, both])).toEqual(["p50 ms 0.50x"]);
  expect(report(run({ results: [exact, both] }))).toContain("\n0.95, 0.99\n");
});

it("says who is missing and why, and when the machine was busy", () => {
  const absent = [{ engine: "zvec", kind: "unavailable", reason: "no binary" }] as const;
  const text = report({ ...run({ absent, notes: [{ engine: "slow", note: "never reaches 0.99" }] }), loadAfter: 7 });
  expect(text).toContain("zvec: unavailable: no binary");
  expect(text).toContain("slow: never reaches 0.99");
  expect(text).toContain("not to be quoted");
  expect(report(run({}))).not.toContain("not to be quoted");
});
