import { mkdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { run, versionOf } from "../command.ts";
import { root } from "../root.ts";
import { command, type Outcome, type Step } from "./step.ts";

/** Line coverage in percent that each crate has to reach. crates/node has no bar: it holds no logic, and vitest runs it. */
const thresholds = { "crates/core": 95, "crates/kernels": 95 };

/** Formatting and lints of the crates. */
export const rustSteps: readonly Step[] = [
  command("rustfmt", "cargo", ["fmt", "--all", "--check"]),
  command("clippy", "cargo", ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]),
];

/** Coverage of the crates by their own tests, where cargo-llvm-cov is installed. */
export const rustCoverage: Step = { name: "coverage of Rust", check: checkCoverage };

interface Report {
  readonly data: readonly [{ readonly files: readonly FileCoverage[] }];
}
interface FileCoverage {
  readonly filename: string;
  readonly summary: { readonly lines: { readonly count: number; readonly covered: number } };
}

async function checkCoverage(): Promise<Outcome> {
  if (versionOf("cargo", ["llvm-cov", "--version"]) === null) {
    const install = "cargo install --locked cargo-llvm-cov@0.9.1 && rustup component add llvm-tools";
    return { result: "skipped", note: `cargo-llvm-cov is not installed (${install})` };
  }
  mkdirSync(join(root, "coverage"), { recursive: true });
  const path = join(root, "coverage", "rust.json");
  const args = ["llvm-cov", "--workspace", "--json", "--summary-only", "--output-path", path];
  const ended = await run("cargo", args, { output: "keep" });
  if (ended.code !== 0)
    return { result: "failed", note: `cargo llvm-cov ended with ${ended.code}`, report: ended.output };

  const files = (JSON.parse(readFileSync(path, "utf8")) as Report).data[0].files;
  const lines: string[] = [];
  let isBelow = false;
  for (const [crate, threshold] of Object.entries(thresholds)) {
    const own = files.filter((file) => isCounted(file.filename, crate));
    const count = own.reduce((sum, file) => sum + file.summary.lines.count, 0);
    const covered = own.reduce((sum, file) => sum + file.summary.lines.covered, 0);
    const percent = count === 0 ? 0 : (100 * covered) / count;
    isBelow ||= percent < threshold;
    lines.push(`${crate} ${percent.toFixed(1)} % of ${count} lines (at least ${threshold})`);
    const byNeed = own.toSorted((a, b) => missing(b) - missing(a)).slice(0, 8);
    for (const file of byNeed) lines.push(`   ${relative(root, file.filename)}: ${missing(file)} lines not covered`);
  }
  const note = lines.filter((line) => line.startsWith("crates/")).join("; ");
  return isBelow ? { result: "failed", note, report: lines.join("\n") } : { result: "ok", note };
}

function missing(file: FileCoverage): number {
  return file.summary.lines.count - file.summary.lines.covered;
}

/** AVX-512 lines count only on a CPU that can run them; NEON lines are not even compiled elsewhere than on arm64. */
function isCounted(filename: string, crate: string): boolean {
  const path = relative(root, filename).split(sep).join("/");
  return path.startsWith(`${crate}/src/`) && (hasAvx512() || !path.includes("avx512"));
}

function hasAvx512(): boolean {
  try {
    return readFileSync("/proc/cpuinfo", "utf8").includes("avx512f");
  } catch {
    return false;
  }
}
