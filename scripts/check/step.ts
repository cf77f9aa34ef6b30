import { run } from "../command.ts";

/** How one step ended. `note` is shown in the table: the reason of a skip or failure, or a figure. */
export interface Outcome {
  readonly result: "ok" | "failed" | "skipped";
  readonly note?: string;
  /** What the step found, shown when it failed. */
  readonly report?: string;
}

/** One thing that CI checks. */
export interface Step {
  readonly name: string;
  check(): Promise<Outcome> | Outcome;
}

/** A step that passes when `command` ends with 0; what it printed is shown only when it failed. */
export function command(name: string, program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Step {
  return {
    name,
    async check() {
      const ended = await run(program, args, { output: "keep", env });
      if (ended.code === 0) return { result: "ok" };
      return { result: "failed", note: `${program} ended with ${ended.code ?? ended.signal}`, report: ended.output };
    },
  };
}

/** A step that passes when `find` finds nothing. */
export function findings(name: string, find: () => Promise<readonly string[]> | readonly string[]): Step {
  return {
    name,
    async check() {
      const found = await find();
      if (found.length === 0) return { result: "ok" };
      return { result: "failed", note: `${found.length} found`, report: found.join("\n") };
    },
  };
}
