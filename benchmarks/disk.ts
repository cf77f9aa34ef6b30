import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Size of all files under a folder; no figure when there is none, as an engine in memory leaves it. */
export function diskFigure(folder: string): { diskMiB?: number } {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const bytes = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  return bytes === 0 ? {} : { diskMiB: bytes / 2 ** 20 };
}
