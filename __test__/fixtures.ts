import { readFileSync } from "node:fs";

/** A golden file of `__test__/fixtures`, parsed here so that keys such as `__proto__` stay data. */
export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8")) as unknown;
}
