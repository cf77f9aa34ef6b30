// npm run bench [-- arguments of benchmarks/runner.ts]: benchmarks have packages of their own, installed when first needed.
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.ts";
import { run } from "./command.ts";
import { root } from "./root.ts";

const folder = join(root, "benchmarks");

/** npm leaves its own lock file behind when it has installed everything: older than ours, it installed something else. */
function isInstalled(): boolean {
  const installed = join(folder, "node_modules/.package-lock.json");
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(folder, "package-lock.json")).mtimeMs;
}

try {
  await build("release");
  if (!isInstalled()) {
    console.error("installing the engines to compare with (benchmarks/package.json)");
    const installed = await run("npm", ["ci"], { cwd: folder, output: (line) => console.error(line) });
    if (installed.code !== 0)
      console.error("npm ci in benchmarks/ failed: engines that are missing are reported as such");
  }
  const ended = await run("node", [join(folder, "runner.ts"), ...process.argv.slice(2)]);
  process.exitCode = ended.code ?? 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
