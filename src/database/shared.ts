import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { GennakerError } from "../errors.ts";
import type { Engine, EngineEvent, EngineOptions } from "../engine/port.ts";

type Listener = (event: EngineEvent) => void;
type Opener = (path: string | undefined, onEvent: EngineOptions["onEvent"]) => Promise<Engine>;

/** One handle's share of an engine. */
export interface Shared {
  readonly engine: Engine;
  subscribe(listener: Listener): () => void;
  /** Lets go; the last one closes the engine. Idempotent. */
  release(): Promise<void>;
  releaseSync(): void;
}
interface Entry {
  readonly listeners: Set<Listener>;
  readonly opening: Promise<Engine>;
  handles: number;
  /** Set once the last handle let go: who opens meanwhile waits for it. */
  closing?: Promise<void>;
}

/** Engines of this process by real path and mode. Locks would bar a second engine on the same directory. */
const entries = new Map<string, Entry>();

/** Opens an engine, or joins the one that this process has open. Without a path the engine is private. */
export async function share(path: string | undefined, readOnly: boolean, open: Opener): Promise<Shared> {
  if (path === undefined) return await joinEntry(undefined, newEntry(undefined, open));
  const real = await realPath(path);
  for (;;) {
    const writer = entries.get(`w:${real}`);
    const key = readOnly && !writer ? `r:${real}` : `w:${real}`;
    const known = entries.get(key);
    if (known?.closing) {
      await known.closing;
      continue;
    }
    const entry = known ?? newEntry(real, open);
    entries.set(key, entry);
    return await joinEntry(key, entry);
  }
}

function newEntry(path: string | undefined, open: Opener): Entry {
  const listeners = new Set<Listener>();
  return { listeners, handles: 0, opening: open(path, (event) => listeners.forEach((listener) => listener(event))) };
}

async function joinEntry(key: string | undefined, entry: Entry): Promise<Shared> {
  entry.handles += 1;
  let isReleased = false;
  const leave = (): boolean => {
    if (isReleased) return false;
    isReleased = true;
    entry.handles -= 1;
    return entry.handles === 0;
  };
  const forget = (): void => {
    if (key !== undefined && entries.get(key) === entry) entries.delete(key);
  };
  let engine: Engine;
  try {
    engine = await entry.opening;
  } catch (error) {
    leave();
    forget();
    throw error;
  }
  return {
    engine,
    subscribe(listener) {
      entry.listeners.add(listener);
      return () => entry.listeners.delete(listener);
    },
    async release() {
      if (!leave()) return;
      entry.closing = engine.close().finally(forget);
      await entry.closing;
    },
    releaseSync() {
      if (!leave()) return;
      forget();
      engine.closeSync();
    },
  };
}

/** The real path of a directory that may not exist yet. */
async function realPath(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    const real = await realpath(absolute);
    if ((await stat(real)).isDirectory()) return real;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" && dirname(absolute) !== absolute)
      return join(await realPath(dirname(absolute)), basename(absolute));
    throw new GennakerError(
      "GENNAKER_IO",
      `Cannot open ${JSON.stringify(path)}: ${(error as Error).message}. Check the path and its permissions.`,
      {
        details: { path, errno: code },
        cause: error,
      },
    );
  }
  throw new GennakerError(
    "GENNAKER_IO",
    `${JSON.stringify(path)} is a file; a database is a directory. Give another path.`,
    { details: { path } },
  );
}
