// npm run bench: every engine on every case, answers checked before the clock starts. `--help` lists the options.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { caseNamed } from "./cases/registry.ts";
import { writeSet } from "./data/prepared.ts";
import type { DataSet } from "./data/sets.ts";
import { ours } from "./engines/registry.ts";
import { currentCommit, describeMachine } from "./machine.ts";
import { type Options, help, parseOptions } from "./options.ts";
import { report } from "./report.ts";
import type { Run, Section } from "./results.ts";
import { compete } from "./rounds.ts";

const resultsFolder = fileURLToPath(new URL("results/", import.meta.url));

/** Runs what `options` ask for. `say` gets a line at each step. */
export async function benchmark(options: Options, say: (line: string) => void): Promise<Run> {
  const started = performance.now();
  const [loadBefore = 0] = loadavg();
  const folder = mkdtempSync(join(tmpdir(), "gennaker-bench-"));
  const sections: Section[] = [];
  try {
    for (const name of options.cases) {
      say(`${name}: reading or making the data`);
      for (const set of await caseNamed(name).sets(options.dataFolder, options.size, options.isQuick)) {
        const place = join(folder, `${name}-${set.name}`);
        writeSet(join(place, "set"), set);
        sections.push(await section(name, set, place, options, say));
        rmSync(place, { recursive: true, force: true });
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const [loadAfter = 0] = loadavg();
  const seconds = (performance.now() - started) / 1000;
  const machine = describeMachine();
  const { rounds } = options;
  const date = new Date().toISOString();
  return { format: 1, date, commit: currentCommit(), machine, loadBefore, loadAfter, rounds, seconds, sections };
}

async function section(
  name: string,
  set: DataSet,
  place: string,
  options: Options,
  say: (line: string) => void,
): Promise<Section> {
  const { note, rows, queryTexts, queryVectors } = set;
  const queries = queryTexts?.length ?? (queryVectors === null ? 0 : queryVectors.length / rows.dimension);
  return {
    case: name,
    set: set.name,
    note,
    rows: rows.count,
    queries,
    ...(await compete(name, place, options, say)),
  };
}

/** Reasons why a run must not be believed: a wrong answer of anyone, or no figure of ours. Empty when all is well. */
export function faults({ sections }: Run): string[] {
  return sections.flatMap(({ case: name, absent }) =>
    absent
      .filter(({ kind, engine }) => kind === "wrong" || (kind !== "refused" && ours.includes(engine)))
      .map(({ engine, kind, reason }) => `${name}: ${engine}: ${kind}: ${reason}`),
  );
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) return console.log(help);
  const run = await benchmark(options, (line) => console.error(line));
  mkdirSync(resultsFolder, { recursive: true });
  writeFileSync(join(resultsFolder, "latest.json"), `${JSON.stringify(run, null, 1)}\n`);
  console.log(options.isJson ? JSON.stringify(run) : report(run));
  for (const fault of faults(run)) {
    console.error(fault);
    process.exitCode = 1;
  }
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
