// npm test [-- --coverage] [-- --rust] [-- --typescript]: builds what is missing or stale, runs all tests, closes with counts.
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "./build.ts";
import { duration, run } from "./command.ts";
import { LibtestReader } from "./libtest.ts";
import { root } from "./root.ts";
import { closingLines, noReason, total, type Tally } from "./tally.ts";

/** Runs every Rust test, doc tests included. */
async function testRust(): Promise<Tally> {
  console.error("Rust: cargo test --workspace");
  const reader = new LibtestReader();
  const cargo = await run("cargo", ["test", "--workspace", "--no-fail-fast", "--", "--show-output"], {
    output: (line) => {
      if (reader.read(line) && line !== "") console.error(line);
    },
  });
  console.error(`Rust tests took ${duration(cargo.seconds)}`);
  for (const line of reader.unfinished()) console.error(line);
  return reader.tally(cargo.code);
}

/** Runs every TypeScript test; with `coverage` also holds each folder to its threshold (vitest.config.ts). */
async function testTypeScript(coverage: boolean): Promise<Tally & { readonly isCovered: boolean }> {
  console.error("TypeScript: vitest run");
  mkdirSync(join(root, "coverage"), { recursive: true });
  const path = join(root, "coverage", "tally.json");
  rmSync(path, { force: true });
  const reporters = ["--reporter=dot", "--reporter=./scripts/vitest-tally.ts"];
  const vitest = await run("vitest", ["run", ...reporters, ...(coverage ? ["--coverage"] : [])], {
    // a dot in colour is twenty characters of a log file
    env: { GENNAKER_TALLY: path, ...(process.stderr.isTTY ? {} : { NO_COLOR: "1" }) },
  });
  console.error(`TypeScript tests took ${duration(vitest.seconds)}`);
  const tally = readTally(path);
  // a run that failed without a failed test (a crash, a config error, no test found) is one failure, never silence
  const isUnexplained = vitest.code !== 0 && tally.failed === 0;
  return { ...tally, failed: tally.failed + (isUnexplained && !coverage ? 1 : 0), isCovered: vitest.code === 0 };
}

function readTally(path: string): Tally {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Tally;
  } catch {
    return { passed: 0, failed: 1, skips: [] };
  }
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      coverage: { type: "boolean", default: false },
      rust: { type: "boolean", default: false },
      typescript: { type: "boolean", default: false },
    },
  });
  const runsAll = !values.rust && !values.typescript;
  await build("ci");
  const tallies: Tally[] = [];
  let isCovered = true;
  if (runsAll || values.rust) tallies.push(await testRust());
  if (runsAll || values.typescript) {
    const typescript = await testTypeScript(values.coverage);
    isCovered = !values.coverage || typescript.isCovered;
    tallies.push(typescript);
  }
  const tally = total(tallies);
  const unexplained = tally.skips.filter((skip) => skip.reason === noReason);
  if (!isCovered && tally.failed === 0)
    console.log("coverage is below its threshold (vitest.config.ts), see the table above");
  if (unexplained.length > 0)
    console.log(`${unexplained.length} skipped without a reason: each skip must say why (CONTRIBUTING.md)`);
  for (const line of closingLines(tally)) console.log(line);
  return tally.failed === 0 && tally.passed > 0 && unexplained.length === 0 && isCovered;
}

if (import.meta.main) {
  try {
    if (!(await main())) process.exitCode = 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    console.log("0 passed, 1 failed, 0 skipped");
    process.exitCode = 1;
  }
}
