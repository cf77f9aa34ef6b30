import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Options, parseOptions } from "../../benchmarks/options.ts";
import { report } from "../../benchmarks/report.ts";
import type { Run } from "../../benchmarks/results.ts";
import { rotated } from "../../benchmarks/rounds.ts";
import { benchmark, faults } from "../../benchmarks/runner.ts";

const planted = (name: string) => fileURLToPath(new URL(`engines/${name}.ts`, import.meta.url));

function tiny(options: Partial<Options>): Options {
  return {
    cases: ["vectors"],
    engines: ["memory"],
    size: { rows: 300, queries: 20 },
    dataFolder: null,
    pace: { latencyMs: 300, windowMs: 20, singles: 5 },
    rounds: 2,
    isQuick: true,
    isJson: false,
    budgetMs: 20_000,
    ...options,
  };
}

// a folder for temporary files that nobody else uses, so that what is left behind shows
const temporary = mkdtempSync(join(tmpdir(), "gennaker-runs-"));
const names = ["TMPDIR", "TEMP", "TMP"];
const outside = names.map((name) => process.env[name]);
beforeAll(() => {
  for (const name of names) process.env[name] = temporary;
});
afterAll(() => {
  for (const [i, name] of names.entries()) {
    if (outside[i] === undefined) delete process.env[name];
    else process.env[name] = outside[i];
  }
  rmSync(temporary, { recursive: true, force: true });
});

describe("a run", () => {
  let run: Run;

  beforeAll(async () => {
    const engines = ["slow", "memory", "wrong", "crash", "absent"].map((name) =>
      name === "memory" ? name : planted(name),
    );
    run = await benchmark(tiny({ engines }), () => {});
  });

  it("ranks a slow engine behind ours", () => {
    const text = report(run);
    expect(text).toMatch(/memory beside the best peer.*p50 ms [1-9][0-9.]*x slow/);
    const order = text.split("\n").filter((line) => /^ {2}(memory|slow) \d/.test(line));
    expect(order.map((line) => line.trim().split(" ")[0])).toEqual(["memory", "slow"]);
  });

  it("catches a wrong engine before the clock starts, and fails for it", () => {
    const absent = run.sections[0]?.absent.find(({ engine }) => engine === "wrong");
    expect(absent?.kind).toBe("wrong");
    expect(absent?.reason).toMatch(/^recall@10 is 0\.\d+ .* claims to be exact$/);
    expect(faults(run)).toEqual([expect.stringMatching(/^vectors: wrong: wrong: recall/)]);
    expect(run.sections[0]?.results.map(({ engine }) => engine)).toEqual(["slow", "memory"]);
  });

  it("survives an engine that crashes, and one that cannot be loaded, and says why", () => {
    expect(run.sections[0]?.absent).toContainEqual({
      engine: "crash",
      kind: "failed",
      reason: "its process ended with code 3: out of luck",
    });
    expect(run.sections[0]?.absent).toContainEqual({
      engine: "absent",
      kind: "unavailable",
      reason: "no-such-engine is not installed (npm ci in benchmarks/)",
    });
  });

  it("measures every point in every round, and what is built once", () => {
    const memory = run.sections[0]?.results.find(({ engine }) => engine === "memory");
    expect(memory?.serves).toEqual(["recall@10 >= 0.95", "recall@10 >= 0.99"]);
    expect(memory?.figures.recall?.median).toBe(1);
    expect(memory?.figures.p50Ms?.samples).toHaveLength(2);
    expect(memory?.figures.buildS?.samples).toHaveLength(1);
    expect(memory?.figures.diskMiB).toBeUndefined();
    expect(memory?.figures.qps8?.median).toBeGreaterThan(0);
  });

  it("says what it ran on, and leaves nothing behind", () => {
    expect(run).toMatchObject({ format: 1, rounds: 2, machine: { node: process.version } });
    expect(run.commit).toMatch(/^([0-9a-f]{12}\+?|unknown)$/);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

it("serves texts and writes as well, and says what an engine does not do", async () => {
  const options = tiny({ cases: ["text", "ingest"], engines: ["memory", planted("slow")], rounds: 1 });
  const run = await benchmark(options, () => {});
  const [text, ingest] = run.sections;
  expect(text?.results.map(({ engine }) => engine)).toEqual(["memory"]);
  expect(text?.results[0]?.figures.ndcg10?.median).toBeGreaterThan(0.7);
  expect(text?.absent).toEqual([{ engine: "slow", kind: "refused", reason: "no text search" }]);
  expect(ingest?.results.flatMap(({ serves }) => serves)).toEqual([
    "batches of 1000, not synced, vector and text",
    "single, not synced, vector and text",
    "batches of 1000, not synced, vector only",
    "single, not synced, vector only",
  ]);
  expect(faults(run)).toEqual([]);
});

it("gives up on an engine that never answers, and ends its process", async () => {
  const run = await benchmark(tiny({ engines: [planted("stuck")], budgetMs: 1500 }), () => {});
  expect(run.sections[0]?.absent).toMatchObject([{ kind: "failed", reason: "over the budget of 1.5 s for one step" }]);
  expect(readdirSync(temporary)).toEqual([]);
});

it("begins each round with another engine", () => {
  expect([0, 1, 2, 3].map((round) => rotated(["a", "b", "c"], round).join(""))).toEqual(["abc", "bca", "cab", "abc"]);
  expect(rotated([], 1)).toEqual([]);
});

it("refuses options that it does not know", () => {
  expect(parseOptions(["--help"])).toBeNull();
  expect(parseOptions(["--quick", "--case", "text", "--rows", "10"])).toMatchObject({
    cases: ["text"],
    size: { rows: 10, queries: 100 },
    rounds: 3,
  });
  expect(() => parseOptions(["--case", "speed"])).toThrow('no case "speed": vectors, text, ingest');
  expect(() => parseOptions(["--engine", "constructor"])).toThrow('no engine "constructor"');
  expect(() => parseOptions(["--rows", "1.5"])).toThrow("wanted a whole number from 1");
  expect(() => parseOptions(["--fast"])).toThrow("--fast");
});
