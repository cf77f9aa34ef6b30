import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { isNativeError } from "node:util/types";
import manifest from "../../package.json" with { type: "json" };
import type { Database } from "../database/database.ts";
import { open } from "../database/open.ts";
import { AbortError, type ErrorCode, GennakerError } from "../errors.ts";
import { parse } from "./args.ts";
import { DEFAULT_DB, EXIT } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { commandHelp, programHelp } from "./help.ts";
import { Output, type Stream } from "./output.ts";
import { UsageError } from "./usage-error.ts";

/** What a run needs of its process. */
export interface Process {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly signal: AbortSignal;
  /** Opens a store; tests give one that is open already. */
  readonly open?: typeof open;
}

/** Errors that say that what was typed is wrong, not that something failed. */
const MISTYPED: ReadonlySet<ErrorCode> = new Set([
  "GENNAKER_INVALID_QUERY",
  "GENNAKER_INVALID_FILTER",
  "GENNAKER_INVALID_NAME",
  "GENNAKER_INVALID_ID",
  "GENNAKER_INVALID_CONFIG",
]);

/** Runs one command line (without `node` and the script) and returns the exit code. Never rejects. */
export async function run(
  argv: readonly string[],
  { stdout, stderr, signal, open: opener = open }: Process,
): Promise<number> {
  const output = new Output(stdout, stderr, isJson(argv));
  try {
    const { command, args } = parse(argv, COMMANDS);
    if (args.flag("version")) {
      output.answer({ version: manifest.version }, () => manifest.version);
      return EXIT.ok;
    }
    if (args.flag("help") || !command) {
      const help = command ? commandHelp(command, output) : programHelp(COMMANDS, output);
      if (args.flag("help")) output.answer({ help }, () => help);
      else throw new UsageError("no command is given.", "gennaker --help lists the commands.");
      return EXIT.ok;
    }
    const db = args.string("db") ?? DEFAULT_DB;
    return await command.run({ args, output, signal, db, open: (mode) => openStore(db, mode, opener) });
  } catch (error) {
    return fail(error, output, signal);
  }
}

function fail(error: unknown, output: Output, signal: AbortSignal): number {
  if (signal.aborted && (error instanceof AbortError || (isNativeError(error) && error.name === "AbortError"))) {
    output.fail(new GennakerError("GENNAKER_ABORTED", "interrupted; the store is as it was before this command."));
    return EXIT.interrupted;
  }
  output.fail(error);
  if (error instanceof UsageError) return EXIT.usage;
  return error instanceof GennakerError && MISTYPED.has(error.code) ? EXIT.usage : EXIT.failure;
}

/** `--json` counts even when the rest of the line cannot be parsed: the error is then JSON too. */
function isJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return (end < 0 ? argv : argv.slice(0, end)).includes("--json");
}

async function openStore(db: string, mode: "read" | "write", opener: typeof open): Promise<Database> {
  if (db === ":memory:") return await opener(db);
  if (mode === "write") return await opener(db);
  if (!existsSync(db)) {
    throw new GennakerError("GENNAKER_NOT_FOUND", `there is no store at ${resolve(db)}.`, {
      details: { path: resolve(db), hint: "Make one with gennaker index <path…>, or name another with --db DIR." },
    });
  }
  return await opener(db, { readOnly: true });
}
