import { pathToFileURL } from "node:url";
import type { Engine } from "./engine.ts";

interface Adapter {
  load(): Promise<Engine> | Engine;
}

/** Engines by the name that `--engine` takes. The first is ours: ratios compare it with the best of those after `memory`. */
export const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  gennaker: async () => await (await import("./gennaker.ts")).load("native"),
  memory: async () => await (await import("./gennaker.ts")).load("memory"),
  "hnswlib-node": async () => (await import("./hnswlib.ts")).load(),
  zvec: async () => (await import("./zvec.ts")).load("float32"),
  "zvec-int8": async () => (await import("./zvec.ts")).load("int8"),
  lancedb: async () => (await import("./lancedb.ts")).load(),
  sqlite: async () => (await import("./sqlite.ts")).load(),
};

/** Engines of this repository: never the peer that another one is compared with. */
export const ours: readonly string[] = ["gennaker", "memory"];

/** Compared unless `--engine` names others. The memory engine is an oracle, not a product to be fast. */
export const defaultEngines: readonly string[] = Object.keys(engines).filter((name) => name !== "memory");

/** Loads an engine by name, or from a file of one's own (a path that ends in `.ts` or `.js` and exports `load`). */
export async function loadEngine(name: string): Promise<Engine> {
  const known = Object.hasOwn(engines, name) ? engines[name] : undefined;
  if (known !== undefined) return await known();
  if (!/\.[jt]s$/.test(name)) throw new Error(`no engine "${name}": ${Object.keys(engines).join(", ")}, or a file`);
  return await ((await import(pathToFileURL(name).href)) as Adapter).load();
}
