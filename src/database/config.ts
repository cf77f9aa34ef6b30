import { GennakerError } from "../errors.ts";
import type { Retention } from "../model.ts";
import { checkKeys, kindOf } from "./names.ts";

/** Flags and settings of a database. `VectorDbConfig.*` makes the usual ones. */
export interface VectorDbConfig {
  /** A directory, or `":memory:"`. The first argument of `open` says the same. */
  readonly path?: string;
  /** LanceDB answers when it can. @default false */
  readonly useLancedb?: boolean;
  /** The native engine answers when LanceDB cannot. @default true */
  readonly fallbackToMvp?: boolean;
  /** Refuses writes; any number of processes may read. @default false */
  readonly readOnly?: boolean;
  /** This engine or an error: `"native"`, or `"memory"` for a small store of this process. @default native */
  readonly engine?: "native" | "memory";
  /** Which old generations stay on disk. @default three generations */
  readonly retention?: Retention;
  /** Milliseconds within which a reading process follows the writer. @default 200 */
  readonly followMs?: number;
  /** Threads that search; 0 lets the engine choose. @default 0 */
  readonly threads?: number;
  /** Share of queries that go to LanceDB, by the value of a key. */
  readonly rollout?: { readonly percent: number; readonly key?: string };
  /** Share of queries that are repeated on LanceDB and compared. */
  readonly shadow?: { readonly percent: number };
  /** How far LanceDB may lag and still answer. */
  readonly staleness?: { readonly sequences?: number; readonly ms?: number };
}

const preset =
  (flags: VectorDbConfig) =>
  (path?: string): VectorDbConfig =>
    path === undefined ? flags : { ...flags, path };

/** The five presets, each also with a path: `open(VectorDbConfig.production("./data"))`. */
export const VectorDbConfig = Object.freeze({
  /** Native answers; LanceDB is never loaded. */
  default: preset({ useLancedb: false, fallbackToMvp: true }),
  /** Native, in memory unless a path is given. */
  test: preset({ useLancedb: false, fallbackToMvp: true }),
  /** Native or an error. */
  mvpOnly: preset({ useLancedb: false, fallbackToMvp: false }),
  /** LanceDB when it is healthy and has caught up, else native; every step aside is visible. */
  production: preset({ useLancedb: true, fallbackToMvp: true }),
  /** LanceDB or an error. */
  lancedbTest: preset({ useLancedb: true, fallbackToMvp: false }),
});

/** Flags with every default filled in; read once. */
export interface Settings {
  readonly path: string;
  readonly useLancedb: boolean;
  readonly fallbackToMvp: boolean;
  readonly readOnly: boolean;
  readonly engine: "native" | "memory" | undefined;
  readonly retention: Retention & { readonly count: number };
  readonly followMs: number;
  readonly threads: number;
}

/** The path that keeps a store in memory, private to its handle. */
export const MEMORY = ":memory:";
const BOOLEANS = ["useLancedb", "fallbackToMvp", "readOnly"] as const;
const LATER = ["rollout", "shadow", "staleness"];
const KEYS = ["path", ...BOOLEANS, "engine", "retention", "followMs", "threads", ...LATER];

/** Validates what `open` was called with: a path, a configuration, or both. */
export function parseConfig(first: unknown, second: unknown): Settings {
  const isConfigFirst = typeof first === "object" && first !== null;
  if (!isConfigFirst && first !== undefined && typeof first !== "string")
    throw new TypeError(`path must be a string, not ${kindOf(first)}.`);
  if (isConfigFirst && second !== undefined)
    throw new TypeError("open takes (path, config) or (config), not two configurations.");
  const config = isConfigFirst ? first : (second ?? {});
  if (typeof config !== "object" || Array.isArray(config))
    throw new TypeError(`config must be an object, not ${kindOf(config)}.`);
  checkKeys(config, KEYS, (key) =>
    invalid(`config has the unknown key "${key}"; known are ${KEYS.join(", ")}.`, { key }),
  );
  const given = config as { readonly [key: string]: unknown };
  const path = choosePath(isConfigFirst ? undefined : first, given["path"]);
  for (const key of BOOLEANS) {
    if (given[key] !== undefined && typeof given[key] !== "boolean")
      throw new TypeError(`config.${key} must be a boolean, not ${kindOf(given[key])}.`);
  }
  for (const key of LATER) {
    if (given[key] === undefined) continue;
    throw new GennakerError(
      "GENNAKER_UNSUPPORTED",
      `config.${key}: there is no second engine yet that could take a share of the queries. Leave it out.`,
      { details: { key } },
    );
  }
  const engine = given["engine"];
  if (engine !== undefined && engine !== "native" && engine !== "memory")
    throw invalid(`config.engine is ${JSON.stringify(engine)}; use "native" or "memory".`, { engine });
  const settings: Settings = {
    path,
    useLancedb: given["useLancedb"] === true,
    fallbackToMvp: given["fallbackToMvp"] !== false,
    readOnly: given["readOnly"] === true,
    engine,
    retention: retention(given["retention"]),
    followMs: whole(given["followMs"] ?? 200, "followMs", 1, 60_000),
    threads: whole(given["threads"] ?? 0, "threads", 0, 1024),
  };
  if (settings.readOnly && path === MEMORY)
    throw invalid("readOnly needs a directory: a store in memory begins empty.", { path });
  if (engine === "memory" && path !== MEMORY)
    throw invalid(`engine "memory" keeps no directory; use ":memory:".`, { path });
  return settings;
}

function choosePath(argument: string | undefined, inConfig: unknown): string {
  if (inConfig !== undefined && typeof inConfig !== "string")
    throw new TypeError(`config.path must be a string, not ${kindOf(inConfig)}.`);
  if (argument !== undefined && inConfig !== undefined && argument !== inConfig) {
    throw invalid(
      `open was given the path ${JSON.stringify(argument)} and config.path ${JSON.stringify(inConfig)}. Give one.`,
      { path: argument },
    );
  }
  const path = argument ?? inConfig ?? MEMORY;
  if (path === "" || path.includes("\0") || !path.isWellFormed())
    throw invalid(`${JSON.stringify(path)} is no path. Use a directory, or ":memory:".`, { path });
  return path;
}

function retention(value: unknown): Settings["retention"] {
  if (value === undefined) return { count: 3 };
  if (typeof value !== "object" || value === null)
    throw new TypeError(`config.retention must be an object, not ${kindOf(value)}.`);
  checkKeys(value, ["count", "bytes", "days"], (key) =>
    invalid(`config.retention has the unknown key "${key}"; known are count, bytes, days.`, { key }),
  );
  const given = value as { readonly [key: string]: unknown };
  const optional = (key: "bytes" | "days"): { [key: string]: number } =>
    given[key] === undefined ? {} : { [key]: whole(given[key], `retention.${key}`, 1, Number.MAX_SAFE_INTEGER) };
  return { count: whole(given["count"] ?? 3, "retention.count", 1, 1000), ...optional("bytes"), ...optional("days") };
}

function whole(value: unknown, key: string, least: number, most: number): number {
  if (typeof value !== "number") throw new TypeError(`config.${key} must be a number, not ${kindOf(value)}.`);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(`config.${key} is ${value}; it must be a whole number from ${least} to ${most}.`, {
    key,
    actual: value,
  });
}

function invalid(message: string, details: Readonly<Record<string, unknown>>): GennakerError {
  return new GennakerError("GENNAKER_INVALID_CONFIG", message, { details });
}
