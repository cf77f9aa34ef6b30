import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { documentationGaps, reportDifference } from "../api-report.ts";
import { typesDifference } from "../addon.ts";
import { root } from "../root.ts";
import { command, findings, type Step } from "./step.ts";

/** Formatting, lints (layering among them), types and type tests: nothing here needs a build. */
export const sourceSteps: readonly Step[] = [
  command("oxfmt", "oxfmt", ["--check", "."]),
  command("oxlint", "oxlint", ["--type-aware", "--deny-warnings"]),
  command("types and type tests", "tsc", ["--noEmit"]),
  findings("coverage thresholds", foldersWithoutThreshold),
];

/** The public surface, as dist declares it. */
export const surfaceSteps: readonly Step[] = [
  findings("binding types", () => [typesDifference()].filter((difference) => difference !== null)),
  findings("API report", () => [reportDifference()].filter((difference) => difference !== null)),
  findings("every export documented", documentationGaps),
];

/** Coverage of src by the TypeScript tests; its thresholds are in vitest.config.ts. */
export const typescriptCoverage: Step = {
  name: "coverage of TypeScript",
  async check() {
    const step = command("", "vitest", ["run", "--coverage", "--reporter=dot"], { NO_COLOR: "1" });
    const outcome = await step.check();
    const figure = coverageFigure();
    return { ...outcome, ...(figure === null ? {} : { note: figure }) };
  },
};

function coverageFigure(): string | null {
  const path = join(root, "coverage", "coverage-summary.json");
  if (!existsSync(path)) return null;
  const { total } = JSON.parse(readFileSync(path, "utf8")) as { total: { lines: { pct: number; total: number } } };
  return `${total.lines.pct} % of ${total.lines.total} lines`;
}

/** A folder of src that vitest.config.ts does not name would have no bar to reach. */
function foldersWithoutThreshold(): string[] {
  const config = readFileSync(join(root, "vitest.config.ts"), "utf8");
  const folders = readdirSync(join(root, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders
    .filter(({ name }) => !config.includes(`"src/${name}/**"`))
    .map(({ name }) => `src/${name} has no coverage threshold in vitest.config.ts`);
}
