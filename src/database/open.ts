import { GennakerError } from "../errors.ts";
import type { Engine, EngineOptions } from "../engine/port.ts";
import type { Degraded } from "../model.ts";
import { registry } from "../stores/registry.ts";
import { Calls } from "./calls.ts";
import { MEMORY, parseConfig, type Settings, type VectorDbConfig } from "./config.ts";
import { Database } from "./database.ts";
import { Events } from "./events.ts";
import { share, type Shared } from "./shared.ts";

/**
 * Opens a database: a directory (made when absent), or `":memory:"`, which is private to its handle. Handles of one process on
 * one directory share one engine; another writing process is `LOCKED`, readers open with `readOnly`.
 *
 * @example
 * await using db = await open("./data");
 * @throws `INVALID_CONFIG`, `LOCKED`, `NATIVE_MISSING`, `CORRUPT`, `FORMAT_TOO_NEW`, `IO`; `TypeError`
 */
export async function open(path?: string, config?: VectorDbConfig): Promise<Database>;
export async function open(config: VectorDbConfig): Promise<Database>;
export async function open(first?: string | VectorDbConfig, second?: VectorDbConfig): Promise<Database> {
  const settings = parseConfig(first, second);
  const degraded = standIn(settings);
  const events = new Events();
  const shared = await openEngine(settings);
  const unsubscribe = shared.subscribe((event) => events.forward(event));
  const release = async (): Promise<void> => {
    unsubscribe();
    await shared.release();
  };
  const releaseSync = (): void => {
    unsubscribe();
    shared.releaseSync();
  };
  const handle = {
    engine: shared.engine,
    settings,
    calls: new Calls(),
    events,
    degraded,
    embedders: new Map(),
    counters: { searches: 0, fallbacks: 0 },
  };
  if (degraded) events.emit("fallback", degraded);
  return new Database(handle, release, releaseSync);
}

/** LanceDB is asked for and not there: the native engine answers when the flags allow it, and every answer says so. */
function standIn({ useLancedb, fallbackToMvp }: Settings): Degraded | undefined {
  if (!useLancedb) return undefined;
  const reason = "this version has no LanceDB engine";
  if (fallbackToMvp) return { from: "lancedb", reason };
  throw new GennakerError(
    "GENNAKER_ENGINE_UNAVAILABLE",
    `The flags demand LanceDB, but ${reason}. Set fallbackToMvp: true, or useLancedb: false.`,
    {
      details: { engine: "lancedb" },
      retryable: false,
    },
  );
}

async function openEngine(settings: Settings): Promise<Shared> {
  const options = (onEvent: EngineOptions["onEvent"]): EngineOptions => ({
    readOnly: settings.readOnly,
    retention: settings.retention,
    followMs: settings.followMs,
    threads: settings.threads,
    onEvent,
  });
  if (settings.path !== MEMORY)
    return await share(settings.path, settings.readOnly, (path, onEvent) => registry.native(path, options(onEvent)));
  return await share(undefined, false, (_, onEvent) => openPrivate(settings, options(onEvent)));
}

/** A store in memory: native, or without a binary the engine that needs none. */
async function openPrivate({ engine }: Settings, options: EngineOptions): Promise<Engine> {
  if (engine === "memory") return await registry.memory(undefined, options);
  try {
    return await registry.native(undefined, options);
  } catch (error) {
    const isMissing = error instanceof GennakerError && error.code === "GENNAKER_NATIVE_MISSING";
    if (!isMissing || engine === "native") throw error;
    return await registry.memory(undefined, options);
  }
}
