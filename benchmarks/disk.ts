import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Size of all files under a folder. */
export function folderMiB(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0) / 2 ** 20;
}
