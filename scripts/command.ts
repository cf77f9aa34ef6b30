import { spawn, spawnSync } from "node:child_process";
import { delimiter, isAbsolute, join } from "node:path";
import { root } from "./root.ts";

/** What a finished child process left behind. `code` is null when a signal ended it. */
export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly seconds: number;
}

/** How a child process is run. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** `show` passes the output through, `keep` collects it, a function gets each line of it. @default "show" */
  readonly output?: "show" | "keep" | ((line: string) => void);
}

/** `node_modules/.bin` first, so that tools and Node are the ones that package-lock.json names, also without npm. */
export const environment: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: [join(root, "node_modules", ".bin"), process.env["PATH"] ?? ""].join(delimiter),
};

/** Runs `command` to its end. Never rejects for a failed command: the caller reads `code`. A missing program is code 127. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const { cwd = root, env = {}, output = "show" } = options;
  const started = performance.now();
  const collected: string[] = [];
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...environment, ...env },
      stdio: ["ignore", output === "show" ? "inherit" : "pipe", output === "show" ? "inherit" : "pipe"],
      // npm's tools are .cmd files on Windows, which only a shell can start
      shell: process.platform === "win32" && !isAbsolute(command),
    });
    const end = (code: number | null, signal: NodeJS.Signals | null) =>
      resolve({ code, signal, output: collected.join(""), seconds: (performance.now() - started) / 1000 });
    for (const stream of [child.stdout, child.stderr]) {
      let rest = "";
      stream?.setEncoding("utf8");
      stream?.on("data", (chunk: string) => {
        collected.push(chunk);
        if (typeof output !== "function") return;
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) output(line);
      });
      stream?.on("end", () => {
        if (rest !== "" && typeof output === "function") output(rest);
      });
    }
    child.on("error", (error: NodeJS.ErrnoException) => {
      collected.push(`${command}: ${error.message}\n`);
      end(error.code === "ENOENT" ? 127 : 126, null);
    });
    child.on("close", end);
  });
}

/** First line of `command --version`, or null when there is no such program. */
export function versionOf(command: string, args: readonly string[] = ["--version"]): string | null {
  const found = spawnSync(command, args, { encoding: "utf8", env: environment, shell: process.platform === "win32" });
  return found.status === 0 ? (found.stdout.split("\n")[0] ?? "").trim() : null;
}

/** `1.2 s` below two minutes, `3 min 5 s` above. */
export function duration(seconds: number): string {
  return seconds < 120 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
