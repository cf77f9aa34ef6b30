import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.ts";

const path = join(root, "README.md");
const output = /(```text\n)([\s\S]*?)(```)/;

/** The first program of the README: the one that its output block belongs to. */
export function readmeProgram(): string {
  const found = /```ts\n([\s\S]*?)```/.exec(readFileSync(path, "utf8").replaceAll("\r\n", "\n"));
  if (found?.[1] === undefined) throw new Error("README.md has no ```ts block");
  return found[1];
}

/** The same program for `require`. */
export function readmeProgramAsCommonJs(): string {
  const required = 'const { open } = require("gennaker");\n(async () => {';
  return `${readmeProgram().replace('import { open } from "gennaker";', required).trimEnd()}\n})();\n`;
}

/** What the README says that program prints. */
export function readmeOutput(): string {
  return output.exec(readFileSync(path, "utf8").replaceAll("\r\n", "\n"))?.[2] ?? "";
}

/** Writes what the program really printed into the README. */
export function updateReadmeOutput(printed: string): void {
  writeFileSync(
    path,
    readFileSync(path, "utf8").replace(output, (_, open: string, _old, close: string) => open + printed + close),
  );
}
