import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GenerationInfo, SearchResult } from "../../src/index.ts";
import { jsonOf, spawnCli } from "./run-cli.ts";

// processes of their own on a directory: what the user's shell sees
const cwd = mkdtempSync(join(tmpdir(), "gennaker-cli-store-"));
const cli = (...args: string[]) => spawnCli(args, { cwd });

beforeAll(() => {
  mkdirSync(join(cwd, "docs"));
  writeFileSync(
    join(cwd, "docs/guide.md"),
    "# Guide\n\n## Abort\n\nAbort a request with a signal.\n\n## Filters\n\nFilter by metadata.\n",
  );
  writeFileSync(join(cwd, "docs/evil.txt"), "title \u001B]2;owned\u0007 and a carriage\rreturn\n");
});
afterAll(() => rmSync(cwd, { recursive: true }));

describe("a store in a directory, one process after the other", () => {
  it("reading before there is one makes nothing and says how to make one", async () => {
    const ran = await cli("search", "x");
    expect([ran.code, ran.stdout]).toEqual([1, ""]);
    expect(ran.stderr).toContain("there is no store at");
    expect(ran.stderr).toContain("gennaker index");
    expect(existsSync(join(cwd, ".gennaker"))).toBe(false);
  });

  it("index, search, get, stats, generations, verify, doctor", async () => {
    const indexed = await cli("index", "docs", "--json");
    expect(jsonOf(indexed)).toMatchObject({ promoted: true, files: 2, passages: 3 });
    expect(indexed).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(join(cwd, ".gennaker/.gitignore"), "utf8").trim()).toBe("*");

    const result = jsonOf<SearchResult>(await cli("search", "abort a request", "--json"));
    expect(result.hits[0]).toMatchObject({
      id: "docs/guide.md#abort",
      metadata: { path: "docs/guide.md", startLine: 5 },
    });
    expect(result.engine).toBe("native");
    const evil = await cli("search", "carriage");
    expect(evil.code).toBe(0);
    expect(evil.stdout).toContain(String.raw`\e]2;owned`);
    expect(evil.stdout).not.toContain("\u001B");

    expect(jsonOf(await cli("get", "docs/guide.md#filters", "--json"))).toMatchObject({ id: "docs/guide.md#filters" });
    expect(jsonOf(await cli("stats", "--json"))).toMatchObject({ collections: { docs: { count: 3 } } });
    expect(jsonOf(await cli("collections", "--json"))).toMatchObject([{ name: "docs", count: 3 }]);
    expect(jsonOf<GenerationInfo[]>(await cli("generations", "--json")).map(({ state }) => state)).toEqual([
      "kept",
      "live",
    ]);
    expect(await cli("verify")).toMatchObject({ code: 0 });
    const doctor = await cli("doctor", "--json");
    expect(doctor.code).toBe(0);
    expect(jsonOf(doctor)).toMatchObject({ ok: true, binding: { loaded: {} } });
  });

  it("rolls back and promotes again", async () => {
    writeFileSync(join(cwd, "docs/new.md"), "# Brand new\n\nwords of the newcomer\n");
    const { generation } = jsonOf<{ generation: number }>(await cli("index", "docs", "--json"));
    const found = async (): Promise<number> =>
      jsonOf<SearchResult>(await cli("search", "newcomer", "--mode", "text", "--json")).hits.length;
    expect(await found()).toBe(1);
    expect(jsonOf(await cli("generations", "rollback", "--json"))).toMatchObject({ previous: generation });
    expect(await found()).toBe(0);
    expect(await cli("generations", "rollback", "--to", String(generation))).toMatchObject({ code: 0 });
    expect(await found()).toBe(1);
  });

  it("without the binary a store is not read, and doctor says what was tried with exit code 3", async () => {
    const env = { NAPI_RS_NATIVE_LIBRARY_PATH: join(cwd, "nowhere.node") };
    const search = await spawnCli(["search", "x", "--json"], { cwd, env });
    expect(search.code).toBe(1);
    expect(jsonOf(search)).toMatchObject({ error: { code: "GENNAKER_NATIVE_MISSING" } });
    const doctor = await spawnCli(["doctor"], { cwd, env });
    expect(doctor.code).toBe(3);
    expect(doctor.stdout).toMatch(/^fail {2}binary +none could be loaded; tried .*nowhere\.node/m);
  });

  it("damage is exit code 3 of verify and doctor", async () => {
    const folder = join(cwd, ".gennaker");
    const segments = readdirSync(folder).filter((name) => name.endsWith(".seg"));
    expect(segments.length).toBeGreaterThan(0);
    const intact = new Map(segments.map((name) => [name, readFileSync(join(folder, name))]));
    for (const [name, bytes] of intact) {
      const damaged = Buffer.from(bytes);
      damaged[200] = (damaged[200] ?? 0) ^ 0xff;
      writeFileSync(join(folder, name), damaged);
    }
    const verify = await cli("verify", "--json");
    expect([verify.code, jsonOf(verify)]).toMatchObject([3, { ok: false }]);
    expect((await cli("doctor")).code).toBe(3);
    for (const [name, bytes] of intact) writeFileSync(join(folder, name), bytes);
    expect((await cli("verify")).code).toBe(0);
  });

  it("a path that is a file is an error, not a store", async () => {
    const ran = await cli("index", "docs", "--db", "docs/guide.md");
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/\[GENNAKER_\w+\]/);
    expect(readFileSync(join(cwd, "docs/guide.md"), "utf8")).toMatch(/^# Guide/);
  });
});

describe("interrupted", () => {
  it("SIGINT is 130 and leaves the store as it was", async ({ skip }) => {
    skip(process.platform === "win32", "Windows has no SIGINT that a parent can send");
    mkdirSync(join(cwd, "many"));
    const words = Array.from(
      { length: 60 },
      (_, i) => `# Part ${i}\n\nwords about subject ${i} and its neighbours\n`,
    ).join("\n");
    for (let i = 0; i < 400; i++) writeFileSync(join(cwd, `many/${i}.md`), words.replaceAll("subject", `subject${i}`));
    const before = jsonOf(await cli("generations", "--json"));
    const opened = join(cwd, ".gennaker/LOCK.info");
    rmSync(opened, { force: true });
    const ran = await spawnCli(["index", "many", "--json"], {
      cwd,
      onStart: (child) => {
        const timer = setInterval(() => {
          if (!existsSync(opened)) return;
          clearInterval(timer);
          child.kill("SIGINT");
        }, 5);
        child.on("close", () => clearInterval(timer));
      },
    });
    expect(ran.code).toBe(130);
    expect(jsonOf(ran)).toMatchObject({ error: { code: "GENNAKER_ABORTED" } });
    expect(jsonOf(await cli("generations", "--json"))).toEqual(before);
    expect((await cli("verify")).code).toBe(0);
  });
});
