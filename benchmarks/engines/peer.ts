import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Unavailable } from "./engine.ts";

const require = createRequire(import.meta.url);
const packages = new URL("../node_modules/", import.meta.url);

/** A package that is measured. `T`: the part of its API that the adapter uses, written down there, so that it type-checks alone. */
export interface Peer<T = unknown> {
  readonly module: T;
  readonly version: string;
}

/**
 * Loads a package that benchmarks/package.json pins.
 *
 * @throws `Unavailable` with the loader's reason
 */
export function peer(name: string): Peer {
  try {
    const manifest = JSON.parse(readFileSync(fileURLToPath(new URL(`${name}/package.json`, packages)), "utf8")) as {
      version: string;
    };
    return { module: require(name) as unknown, version: manifest.version };
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    const isAbsent = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new Unavailable(isAbsent ? `${name} is not installed (npm ci in benchmarks/)` : reason, { cause: error });
  }
}
