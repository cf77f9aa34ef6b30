import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { root } from "./root.ts";

/** Every file under the given paths (relative to the checkout), sorted, with `/` between folders. */
export function filesUnder(paths: readonly string[], isIncluded: (path: string) => boolean = () => true): string[] {
  const found: string[] = [];
  const visit = (path: string) => {
    const absolute = join(root, path);
    if (!existsSync(absolute) || !isIncluded(path)) return;
    if (statSync(absolute).isFile()) found.push(path);
    else for (const name of readdirSync(absolute)) visit(`${path}/${name}`);
  };
  for (const path of paths) visit(path.split(sep).join("/"));
  return found.toSorted();
}

/** SHA-256 over names and contents of `files` and over `facts` (profile, compiler): equal hash, equal build. */
export function contentHash(files: readonly string[], facts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const fact of facts) hash.update(`${fact.length}:${fact}`);
  for (const file of files) {
    const content = readFileSync(join(root, file));
    hash.update(`${file.length}:${file}:${content.length}:`).update(content);
  }
  return hash.digest("hex");
}

/** The hash that the last build wrote, or null. An unreadable stamp counts as none: building again is always safe. */
export function readStamp(path: string): string | null {
  try {
    return readFileSync(join(root, path), "utf8").trim();
  } catch {
    return null;
  }
}

/** Remembers the hash; call it only after the build has succeeded. */
export function writeStamp(path: string, hash: string): void {
  writeFileSync(join(root, path), `${hash}\n`);
}
