// npm run reliability [-- --cases N]: what takes longer than anyone wants to wait for in `npm test`.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "./build.ts";
import { duration, run } from "./command.ts";
import { LibtestReader } from "./libtest.ts";
import { root } from "./root.ts";
import { closingLines, total, type Tally } from "./tally.ts";

const { values } = parseArgs({ options: { cases: { type: "string", default: "4096" } } });

/** All Rust tests, those marked `#[ignore]` included, with many more cases for each property. */
async function longRust(): Promise<Tally> {
  console.error(`Rust: every test, ignored ones included, ${values.cases} cases per property`);
  const reader = new LibtestReader();
  const args = ["test", "--workspace", "--profile", "ci", "--no-fail-fast", "--", "--include-ignored", "--show-output"];
  const cargo = await run("cargo", args, {
    env: { PROPTEST_CASES: values.cases, GENNAKER_LONG_TESTS: "1" },
    output: (line) => {
      if (reader.read(line) && line !== "") console.error(line);
    },
  });
  console.error(`took ${duration(cargo.seconds)}`);
  for (const line of reader.unfinished()) console.error(line);
  return reader.tally(cargo.code);
}

/** All TypeScript tests with GENNAKER_LONG_TESTS=1, which lengthens those that read it. */
async function longTypeScript(): Promise<Tally> {
  console.error("TypeScript: every test, with GENNAKER_LONG_TESTS=1");
  mkdirSync(join(root, "coverage"), { recursive: true });
  const path = join(root, "coverage", "tally.json");
  const vitest = await run("vitest", ["run", "--reporter=dot", "--reporter=./scripts/vitest-tally.ts"], {
    env: { GENNAKER_TALLY: path, GENNAKER_LONG_TESTS: "1" },
  });
  const tally = JSON.parse(readFileSync(path, "utf8")) as Tally;
  return vitest.code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

try {
  await build("ci");
  const tally = total([await longRust(), await longTypeScript()]);
  for (const line of closingLines(tally)) console.log(line);
  if (tally.failed > 0 || tally.passed === 0) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
