import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The checkout's top folder, without a trailing separator. */
export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");

/** The parts of package.json that scripts read. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly homepage: string;
  readonly repository: { readonly type: string; readonly url: string };
  readonly engines: { readonly node: string };
  readonly napi: { readonly binaryName: string; readonly targets: readonly string[] };
  readonly dependencies?: Record<string, string>;
  readonly scripts?: Record<string, string>;
}

/** package.json of the checkout. */
export const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as Manifest;
