import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { duration, run } from "./command.ts";
import { root } from "./root.ts";
import { contentHash, filesUnder, readStamp, writeStamp } from "./stamp.ts";

// beside dist/, not in it: everything in dist/ is published
const stampFile = "native/dist-stamp";

/** Bundles src/ into dist/ (ESM, CommonJS, declarations, command line) unless dist/ is made from exactly these sources. */
export async function buildDist(): Promise<boolean> {
  const hash = contentHash(
    filesUnder([
      "src",
      "tsdown.config.ts",
      "tsconfig.json",

      "package.json",
      "package-lock.json",
    ]),
    [],
  );
  if (existsSync(join(root, "dist/index.js")) && readStamp(stampFile) === hash) return false;
  rmSync(join(root, stampFile), { force: true });
  rmSync(join(root, "dist"), { recursive: true, force: true });
  const built = await run("tsdown", ["--logLevel", "warn"], { output: "keep" });
  if (built.code !== 0) throw new Error(`dist did not build:\n${built.output}`);
  console.error(`dist built in ${duration(built.seconds)}`);
  mkdirSync(join(root, "native"), { recursive: true });
  writeStamp(stampFile, hash);
  return true;
}

if (import.meta.main) {
  try {
    await buildDist();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
