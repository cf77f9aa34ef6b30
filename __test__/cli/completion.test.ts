import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { jsonOf, runCli } from "./run-cli.ts";

const shells = ["bash", "zsh", "fish"];
const has = (shell: string): boolean => spawnSync(shell, ["-c", "exit 0"]).status === 0;

describe("completion scripts", () => {
  it.each(shells)("%s: names every command and every option", async (shell) => {
    const { code, stdout } = await runCli(["completion", shell]);
    expect(code).toBe(0);
    for (const command of [...COMMANDS, ...COMMANDS.flatMap(({ subcommands }) => subcommands ?? [])]) {
      expect(stdout).toContain(command.name.split(" ").at(-1));
      for (const option of Object.keys(command.options))
        expect(stdout).toContain(shell === "fish" ? `-l ${option}` : `--${option}`);
    }
    expect(jsonOf(await runCli(["completion", shell, "--json"]))).toEqual({ shell, script: stdout.trimEnd() });
  });

  for (const shell of shells) {
    it(`${shell}: the shell itself can read it`, async ({ skip }) => {
      skip(!has(shell), `${shell} is not installed`);
      const { stdout } = await runCli(["completion", shell]);
      const read = spawnSync(shell, ["-n"], { input: stdout, encoding: "utf8" });
      expect([read.status, read.stderr]).toEqual([0, ""]);
    });
  }

  it("bash completes commands, subcommands, options and values", async ({ skip }) => {
    skip(!has("bash"), "bash is not installed");
    const { stdout } = await runCli(["completion", "bash"]);
    const complete = (...words: string[]): string[] => {
      const list = words.map((word) => `'${word}'`).join(" ");
      const script = `${stdout}\nCOMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _gennaker; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return spawnSync("bash", ["-c", script], { encoding: "utf8" })
        .stdout.split("\n")
        .filter((word) => word !== "");
    };
    expect(complete("gennaker", "se")).toEqual(["search"]);
    expect(complete("gennaker", "generations", "p")).toEqual(["promote", "pin"]);
    expect(complete("gennaker", "--db", "x", "search", "--m")).toEqual(["--mode"]);
    expect(complete("gennaker", "search", "--mode", "")).toEqual(["hybrid", "text", "vector"]);
    expect(complete("gennaker", "generations", "promote", "--r")).toEqual(["--recall"]);
    expect(complete("gennaker", "index", "package.js")).toEqual(["package.json"]);
  });
});
