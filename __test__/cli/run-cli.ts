import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { run } from "../../src/cli/run.ts";
import { open, type Database } from "../../src/index.ts";

/** What a run of the command line left behind. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const { NO_COLOR: _noColor, FORCE_COLOR: _forceColor, ...environment } = process.env;

/** Runs the command line in a process of its own. `onStart` may send it signals. */
export function spawnCli(
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; onStart?: (child: ReturnType<typeof spawn>) => void } = {},
): Promise<Ran> {
  const { cwd, env = {}, onStart } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { cwd, env: { ...environment, ...env } });
    const [stdout, stderr]: [string[], string[]] = [[], []];
    child.stdout.setEncoding("utf8").on("data", (text: string) => stdout.push(text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => stderr.push(text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout: stdout.join(""), stderr: stderr.join("") }));
    onStart?.(child);
  });
}

/** Runs the command line in this process over a store that is open already. */
export async function runCli(
  args: readonly string[],
  options: { db?: Database; open?: typeof open; tty?: boolean; columns?: number; signal?: AbortSignal } = {},
): Promise<Ran> {
  const { db, tty = false, columns = 100, signal = new AbortController().signal } = options;
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const stream = (texts: string[]) => ({ write: (text: string) => texts.push(text), isTTY: tty, columns });
  const code = await run(args, {
    stdout: stream(stdout),
    stderr: stream(stderr),
    signal,
    ...(db ? { open: async () => db } : options.open ? { open: options.open } : {}),
  });
  return { code, stdout: stdout.join(""), stderr: stderr.join("") };
}

/** A store in memory that stays open when a command closes it. */
export async function lastingStore(): Promise<{ db: Database; close: () => Promise<void> }> {
  const db = await open(":memory:", { engine: "memory" });
  const close = db.close.bind(db);
  db.close = async () => undefined;
  return { db, close };
}

/** The one JSON value that standard output must be. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the test says what it expects
export function jsonOf<T>({ stdout }: Ran): T {
  if (!stdout.endsWith("\n") || stdout.trimEnd().includes("\n")) throw new Error(`not one line: ${stdout}`);
  return JSON.parse(stdout) as T;
}
