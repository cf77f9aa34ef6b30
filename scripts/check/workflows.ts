import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { run, versionOf } from "../command.ts";
import { root } from "../root.ts";
import { findings, type Outcome, type Step } from "./step.ts";

const actionlint = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";
const folder = ".github/workflows";

/** The workflows cannot run here; what can be said of them without running is said by these. */
export const workflowSteps: readonly Step[] = [
  { name: "actionlint", check: checkActionlint },
  findings("actions pinned by hash", unpinned),
];

async function checkActionlint(): Promise<Outcome> {
  const program = await installed();
  if (program === null) return { result: "skipped", note: "Go is not installed, and actionlint is a Go program" };
  const ended = await run(program, ["-color=false"], { output: "keep" });
  return ended.code === 0 ? { result: "ok" } : { result: "failed", report: ended.output };
}

/** actionlint from PATH, else built once by Go into a folder of the user's cache; null when there is no Go. */
async function installed(): Promise<string | null> {
  if (versionOf("actionlint", ["-version"]) !== null) return "actionlint";
  if (versionOf("go", ["version"]) === null) return null;
  const cache = join(
    process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
    "gennaker-check",
    actionlint.split("@")[1] ?? "",
  );
  const program = join(cache, process.platform === "win32" ? "actionlint.exe" : "actionlint");
  if (existsSync(program)) return program;
  const ended = await run("go", ["install", actionlint], { output: "keep", env: { GOBIN: cache } });
  if (ended.code !== 0) throw new Error(`go install ${actionlint} failed:\n${ended.output}`);
  return program;
}

function unpinned(): string[] {
  const files = readdirSync(join(root, folder)).filter((name) => name.endsWith(".yml"));
  return files.flatMap((name) => {
    const uses = readFileSync(join(root, folder, name), "utf8").matchAll(/uses:\s*(\S+)(.*)/g);
    return [...uses]
      .filter(
        ([, action = "", rest = ""]) =>
          !action.startsWith("./") && !(/@[0-9a-f]{40}$/.test(action) && /# v\d/.test(rest)),
      )
      .map(([, action]) => `${folder}/${name}: ${action} is not pinned by a full hash with its version in a comment`);
  });
}
