import { spawnSync } from "node:child_process";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { fileURLToPath } from "node:url";
import type { Machine } from "./results.ts";

/** What figures depend on, with nothing that names the machine. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()} ${process.arch}`,
    node: process.version,
  };
}

/** Commit of the checkout, with `+` when files differ from it; `unknown` outside a repository. */
export function currentCommit(): string {
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const git = (...args: string[]) => spawnSync("git", args, { cwd, encoding: "utf8" });
  const head = git("rev-parse", "--short=12", "HEAD");
  if (head.status !== 0) return "unknown";
  return head.stdout.trim() + (git("status", "--porcelain").stdout.trim() === "" ? "" : "+");
}
