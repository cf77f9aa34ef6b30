import type { Database } from "../database/database.ts";
import type { Arguments } from "./arguments.ts";
import type { Output } from "./output.ts";

/** What a process ends with. */
export const EXIT = { ok: 0, failure: 1, usage: 2, problems: 3, interrupted: 130 } as const;

/** One option of a command. */
export interface OptionSpec {
  readonly type: "string" | "boolean";
  readonly short?: string;
  /** How help calls the value: `N`, `DIR`. */
  readonly value?: string;
  readonly help: string;
  /** The only values that are taken; completion offers them. */
  readonly choices?: readonly string[];
}
/** Options by their long names. */
export type Options = { readonly [name: string]: OptionSpec };

/** One command: what it is called with, and what it does. Help, parsing and completion are made from it. */
export interface Command {
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  /** Positional arguments as help shows them; empty for none. */
  readonly usage: string;
  /** Fewest and most positional arguments. */
  readonly takes: readonly [number, number];
  /** What the arguments are, for completion. @default "text" */
  readonly completes?: "files" | "text" | readonly string[];
  readonly options: Options;
  readonly examples?: readonly string[];
  /** Commands below this one; the first answers when none is named. */
  readonly subcommands?: readonly Command[];
  /** Does it and returns the exit code. */
  readonly run: (context: Context) => Promise<number>;
}

/** What a command works with. */
export interface Context {
  readonly args: Arguments;
  readonly output: Output;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** The store's directory, or `":memory:"`. */
  readonly db: string;
  /** Opens the store; reading makes no directory. */
  open(mode: "read" | "write"): Promise<Database>;
}

/** Options that every command takes. */
export const GLOBAL_OPTIONS: Options = {
  db: { type: "string", value: "DIR", help: 'directory of the store (default "./.gennaker")' },
  json: { type: "boolean", help: "print one JSON value and nothing else" },
  help: { type: "boolean", short: "h", help: "show help" },
  version: { type: "boolean", short: "v", help: "show the version" },
};
/** The option that names a collection. */
export const COLLECTION: Options = {
  collection: { type: "string", short: "c", value: "NAME", help: 'collection (default "docs")' },
};
/** The option that names a namespace. */
export const NAMESPACE: Options = {
  namespace: { type: "string", short: "n", value: "NAME", help: "namespace of the collection" },
};
/** The collection that commands use when none is named. */
export const DEFAULT_COLLECTION = "docs";
/** The directory that commands use when none is named. */
export const DEFAULT_DB = "./.gennaker";
