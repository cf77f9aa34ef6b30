import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { caseNamed, cases } from "./cases/registry.ts";
import type { Pace } from "./cases/case.ts";
import { dataFolder, type Size } from "./data/sets.ts";
import { defaultEngines, engines } from "./engines/registry.ts";

/** What a run does. */
export interface Options {
  readonly cases: readonly string[];
  readonly engines: readonly string[];
  readonly size: Size;
  /** Folder of the real sets; null makes data. */
  readonly dataFolder: string | null;
  readonly pace: Pace;
  readonly rounds: number;
  readonly isQuick: boolean;
  readonly isJson: boolean;
  /** One step of one engine may take this long. */
  readonly budgetMs: number;
}

export const help = `npm run bench -- [options]

  --quick           small sizes, under three minutes
  --case NAME       ${Object.keys(cases).join(" | ")}; may be repeated (default: all)
  --engine NAME     ${Object.keys(engines).join(" | ")}, or a file that exports load(); may be repeated
  --rows N          documents (default 100,000; quick 5,000)
  --queries N       queries (default 500; quick 100)
  --rounds N        interleaved rounds (default 5; quick 3)
  --json            the whole result on stdout instead of tables
  --help

Real sets are read from GENNAKER_BENCH_DATA (default: ../shared/data when present); without them, data is made here.
The result is also written to benchmarks/results/latest.json.`;

/**
 * @returns null when help was asked for
 * @throws `Error` for an unknown option, case or engine
 */
export function parseOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      case: { type: "string", multiple: true },
      engine: { type: "string", multiple: true },
      rows: { type: "string" },
      queries: { type: "string" },
      rounds: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return null;
  const isQuick = values.quick;
  for (const name of values.case ?? []) caseNamed(name);
  const chosen = (values.engine ?? defaultEngines).map((name) => {
    if (Object.hasOwn(engines, name)) return name;
    if (/\.[jt]s$/.test(name)) return resolve(name);
    throw new Error(`no engine "${name}": ${Object.keys(engines).join(", ")}, or a file`);
  });
  return {
    cases: values.case ?? Object.keys(cases),
    engines: chosen,
    dataFolder: dataFolder(),
    size: {
      rows: whole("rows", values.rows, isQuick ? 5000 : 100_000),
      queries: whole("queries", values.queries, isQuick ? 100 : 500),
    },
    pace: isQuick
      ? { latencyMs: 1000, windowMs: 300, singles: 30 }
      : { latencyMs: 15_000, windowMs: 2000, singles: 200 },
    rounds: whole("rounds", values.rounds, isQuick ? 3 : 5),
    isQuick,
    isJson: values.json,
    budgetMs: isQuick ? 60_000 : 600_000,
  };
}

function whole(name: string, value: string | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} ${value}: wanted a whole number from 1`);
  return number;
}
