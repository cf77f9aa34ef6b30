// npm run check [-- --tested] [-- --only NAME]: everything that CI checks, then a table. --tested: npm test has just passed.
import { parseArgs } from "node:util";
import { build } from "./build.ts";
import { documentsStep, packageSteps, repositoryStep } from "./check/package.ts";
import { rustCoverage, rustSteps } from "./check/rust.ts";
import type { Outcome, Step } from "./check/step.ts";
import { sourceSteps, surfaceSteps, typescriptCoverage } from "./check/typescript.ts";
import { workflowSteps } from "./check/workflows.ts";
import { duration, run } from "./command.ts";

const buildStep: Step = {
  name: "build",
  async check() {
    await build("ci");
    return { result: "ok" };
  },
};

const testStep: Step = {
  name: "tests",
  async check() {
    const ended = await run("node", ["scripts/test.ts"], { output: (line) => console.error(line) });
    const closing = ended.output.trimEnd().split("\n").at(-1) ?? "";
    return { result: ended.code === 0 ? "ok" : "failed", note: closing };
  },
};

interface Row extends Outcome {
  readonly name: string;
  readonly seconds: number;
}

async function perform(step: Step): Promise<Row> {
  console.error(`== ${step.name}`);
  const started = performance.now();
  let outcome: Outcome;
  try {
    outcome = await step.check();
  } catch (error) {
    outcome = { result: "failed", report: error instanceof Error ? error.message : String(error) };
  }
  const seconds = (performance.now() - started) / 1000;
  if (outcome.result === "failed" && outcome.report !== undefined) console.error(outcome.report);
  return { ...outcome, name: step.name, seconds };
}

function table(rows: readonly Row[]): string {
  const width = Math.max(...rows.map((row) => row.name.length));
  const line = (row: Row) =>
    `${row.name.padEnd(width)}  ${row.result.padEnd(7)}  ${duration(row.seconds).padStart(9)}  ${row.note ?? ""}`.trimEnd();
  return rows.map(line).join("\n");
}

const { values } = parseArgs({ options: { tested: { type: "boolean", default: false }, only: { type: "string" } } });
const all: Step[] = [
  ...sourceSteps,
  ...rustSteps,
  ...workflowSteps,
  repositoryStep,
  documentsStep,
  buildStep,
  ...surfaceSteps,
  ...packageSteps,
  ...(values.tested ? [] : [testStep]),
  typescriptCoverage,
  rustCoverage,
];
const chosen = values.only === undefined ? all : all.filter((step) => step.name.includes(values.only ?? ""));
if (chosen.length === 0)
  throw new Error(`no step has "${values.only}" in its name: ${all.map((step) => step.name).join(", ")}`);

const rows: Row[] = [];
for (const step of chosen) rows.push(await perform(step));
console.log(`\n${table(rows)}`);
const count = (result: Outcome["result"]) => rows.filter((row) => row.result === result).length;
console.log(`check: ${count("ok")} passed, ${count("failed")} failed, ${count("skipped")} skipped`);
if (count("failed") > 0) process.exitCode = 1;
