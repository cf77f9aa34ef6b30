// npm run bench [-- arguments of benchmarks/runner.ts]: benchmarks have packages of their own, installed when first needed.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.ts";
import { run } from "./command.ts";
import { root } from "./root.ts";

const folder = join(root, "benchmarks");

try {
  await build("release");
  if (!existsSync(join(folder, "node_modules"))) {
    console.error("installing the engines to compare with (benchmarks/package.json)");
    const installed = await run("npm", ["ci"], { cwd: folder });
    if (installed.code !== 0) throw new Error("npm ci in benchmarks/ failed: see above");
  }
  const ended = await run("node", [join(folder, "runner.ts"), ...process.argv.slice(2)]);
  process.exitCode = ended.code ?? 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
