import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { nearest } from "../../src/cli/suggest.ts";
import { jsonOf, runCli, spawnCli } from "./run-cli.ts";

describe("a command line that is not understood", () => {
  it.each([
    [["serch", "x"], 'unknown command "serch"', "Did you mean search?"],
    [["search", "--colection", "a", "x"], 'unknown option "--colection" of search', "Did you mean --collection?"],
    [["search", "-z", "x"], 'unknown option "-z" of search', "gennaker search --help"],
    [["generations", "promot", "1"], 'unknown command "generations promot"', "Did you mean promote?"],
    [["search"], "search needs <query>", "Usage: gennaker search <query>"],
    [["search", "two", "words"], "search takes one argument, but got 2", "put the query in quotes"],
    [["stats", "x"], 'stats takes no arguments, but got "x"', "Usage: gennaker stats"],
    [["search", "-k", "many", "x"], '--k takes a number, not "many"', ""],
    [["search", "-k"], "-k needs a value", ""],
    [["search", "--json=yes", "x"], "--json takes no value", ""],
    [["search", "-k", "1", "-k", "2", "x"], "-k is given twice", ""],
    [
      ["search", "--mode", "vectr", "x"],
      '--mode is "vectr"; it must be one of hybrid, text, vector',
      "Did you mean vector?",
    ],
    [["search", "--filter", "{lang", "x"], "--filter is no JSON", "Quote it for the shell"],
    [["search", "--filter", "[1]", "x"], "--filter must be a JSON object", ""],
    [["generations", "drop", "1"], "generation 1 cannot be restored", "Add --yes"],
    [["generations", "rollback", "--writes", "drop"], "--writes drop leaves writes behind", "Add --yes"],
    [["generations", "pin", "two"], 'generation takes a number, not "two"', ""],
    [["completion"], "completion needs bash|zsh|fish", ""],
    [["completion", "tcsh"], 'unknown command "completion tcsh"', "Known are bash, zsh, fish"],
    [[], "no command is given", "gennaker --help"],
  ])("%j is exit code 2", async (args, message, hint) => {
    const ran = await runCli(args);
    expect(ran.code).toBe(2);
    expect(ran.stdout).toBe("");
    expect(ran.stderr).toContain(`error: ${message}`);
    expect(ran.stderr).toContain(hint);
    expect(ran.stderr).toContain("[GENNAKER_INVALID_CONFIG]");
  });

  it("under --json is one object with the error", async () => {
    const ran = await runCli(["search", "--json", "--lmit", "3", "x"]);
    expect(ran.code).toBe(2);
    const { error } = jsonOf<{ error: { code: string; details: unknown } }>(ran);
    expect(error).toMatchObject({ code: "GENNAKER_INVALID_CONFIG", details: { option: "--lmit" } });
  });

  it("a command of a later version is not unknown: it says what to do until then", async () => {
    for (const word of ["repair", "backup", "restore", "export", "import", "benchmark", "init"]) {
      const ran = await runCli([word, "--json"]);
      expect([ran.code, jsonOf(ran)]).toMatchObject([
        1,
        { error: { code: "GENNAKER_UNSUPPORTED", hint: expect.stringMatching(/\w+/) } },
      ]);
    }
  });

  it("words near enough are suggested, others are not", () => {
    expect(nearest("colections", ["collections", "completion"])).toBe("collections");
    expect(nearest("idnex", ["index", "init"])).toBe("index");
    expect(nearest("gen", ["get", "generations"])).toBe("get");
    expect(nearest("xyzzy", ["index", "search"])).toBeUndefined();
  });
});

describe("help and version need no store and no binary", () => {
  const env = { NAPI_RS_NATIVE_LIBRARY_PATH: "/nonexistent/gennaker.node" };

  it.each([["--help"], ["--version"], ["-v"], ["search", "--help"], ["generations", "-h"], ["completion", "zsh"]])(
    "%s %s",
    async (...args) => {
      const ran = await spawnCli(args, { env });
      expect(ran).toMatchObject({ code: 0, stderr: "" });
      expect(ran.stdout.length).toBeGreaterThan(4);
    },
  );

  it("help names every command and option", async () => {
    const { stdout } = await runCli(["--help"]);
    for (const { name } of COMMANDS) expect(stdout).toContain(`  ${name} `);
    for (const command of COMMANDS) {
      const ran = await runCli([...command.name.split(" "), "--help"]);
      expect(ran.code).toBe(0);
      for (const option of Object.keys(command.options)) expect(ran.stdout).toContain(`--${option}`);
      for (const below of command.subcommands ?? []) expect(ran.stdout).toContain(below.name);
    }
  });

  it("the version is that of package.json, also as JSON", async () => {
    const { default: manifest } = await import("../../package.json", { with: { type: "json" } });
    expect((await runCli(["--version"])).stdout).toBe(`${manifest.version}\n`);
    expect(jsonOf(await runCli(["--version", "--json"]))).toEqual({ version: manifest.version });
  });
});
