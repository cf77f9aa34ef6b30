import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database, GenerationInfo, SearchResult } from "../../src/index.ts";
import { jsonOf, lastingStore, runCli, type Ran } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "gennaker-cli-"));
let db: Database;
let close: () => Promise<void>;
const cli = (...args: string[]): Promise<Ran> => runCli([...args, "--db", ":memory:"], { db });
const json = async <T>(...args: string[]): Promise<T> =>
  jsonOf<T>(await runCli([...args, "--json", "--db", ":memory:"], { db }));

beforeAll(async () => {
  ({ db, close } = await lastingStore());
  writeFileSync(
    join(folder, "guide.md"),
    "# Guide\n\n## Abort\n\nAbort a request with a signal.\n\n## Filters\n\nFilter by metadata.\n",
  );
  writeFileSync(join(folder, "notes.txt"), "Cancel a running query after a timeout.\n");
  writeFileSync(join(folder, "secret.pem"), "KEY");
});
afterAll(async () => {
  await close();
  rmSync(folder, { recursive: true });
});

describe("index", () => {
  it("--dry-run tells what would be done and changes nothing", async () => {
    const found = await json<{ files: unknown[]; passages: number }>("index", "--dry-run", folder);
    expect(found).toMatchObject({ dryRun: true, passages: 3, skipped: { secret: 1 } });
    expect((await cli("index", "--dry-run", folder)).stdout).toContain("3 passages of 2 files; nothing was changed");
    expect(await json("collections")).toEqual([]);
  });

  it("makes a generation and promotes it", async () => {
    const done = await json("index", folder);
    expect(done).toMatchObject({ collection: "docs", promoted: true, files: 2, passages: 3, removed: 0, previous: 1 });
    const again = await cli("index", join(folder, "guide.md"));
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(
      /2 passages of 1 file in collection "docs".*\n2 passages indexed before from there replaced/,
    );
    expect(again.stdout).toMatch(/generation \d+ is live; generations rollback returns to \d+/);
    expect(await (await db.collection("docs")).count()).toBe(3);
  });

  it("what a file no longer has is gone", async () => {
    writeFileSync(join(folder, "old.md"), "# Old\n\nwill vanish\n");
    await cli("index", folder);
    rmSync(join(folder, "old.md"));
    expect(await json("index", folder)).toMatchObject({ passages: 3, removed: 4 });
    expect(await (await db.collection("docs")).count()).toBe(3);
  });

  it("--no-promote leaves it aside, and a gate that it fails does, too", async () => {
    const { generation } = await json<{ generation: number }>("index", "--no-promote", folder);
    const refused = await cli("generations", "promote", String(generation), "--min-count", "4");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("[GENNAKER_GATE_REFUSED]");
    const promoted = await json("generations", "promote", String(generation), "--min-count", "3");
    expect(promoted).toMatchObject({ generation });
    const aside = await cli("index", "--min-count", "1000", folder);
    expect(aside.code).toBe(1);
    expect(aside.stderr).toMatch(/hint: It is sealed as generation \d+: /);
    expect(await json("stats")).toMatchObject({ generation });
  });

  it("nothing to index is a failure that says what was left out, and changes nothing", async () => {
    const before = await json<GenerationInfo[]>("generations", "list");
    const empty = mkdtempSync(join(folder, "empty-"));
    const ran = await cli("index", empty);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("there is nothing to index under");
    writeFileSync(join(empty, "a.txt"), "\0");
    expect((await cli("index", empty)).stderr).toContain("it is binary");
    expect(await json("generations", "list")).toEqual(before);
    rmSync(empty, { recursive: true });
  });

  it("interrupted is 130, and the build is abandoned", async () => {
    const before = await json<GenerationInfo[]>("generations", "list");
    const interrupt = new AbortController();
    const begin = db.generations.begin.bind(db.generations);
    db.generations.begin = async (options) => {
      const build = await begin(options);
      interrupt.abort();
      return build;
    };
    const ran = await runCli(["index", folder, "--json", "--db", ":memory:"], { db, signal: interrupt.signal });
    db.generations.begin = begin;
    expect(ran.code).toBe(130);
    expect(jsonOf(ran)).toMatchObject({ error: { code: "GENNAKER_ABORTED" } });
    expect(await json("generations", "list")).toEqual(before);
  });
});

describe("search", () => {
  it("--json prints one SearchResult", async () => {
    const result = await json<SearchResult>("search", "abort a request", "-k", "2");
    expect(result).toMatchObject({ engine: "memory", hits: [{ text: { title: "Guide › Abort" } }, {}] });
    expect(Object.keys(result)).toEqual(expect.arrayContaining(["hits", "engine", "generation", "sequence", "tookMs"]));
  });

  it("prints hits for people, with both scores, engine and generation", async () => {
    const { code, stdout, stderr } = await cli("search", "abort");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /^ 1\. {2}\d\.\d{3} {2}Guide › Abort\n {5}\S+guide\.md:5 {2}vector \S+ {2}text \S+\n {5}Abort a request/,
    );
    expect(stdout).toMatch(/hits {2}memory, generation \d+, [\d.]+ ms\n$/);
  });

  it("takes filter, offset, namespace, generation and mode", async () => {
    const ids = async (...args: string[]): Promise<string[]> =>
      (await json<SearchResult>("search", ...args)).hits.map(({ text }) => (text as { title: string }).title);
    expect(await ids("query", "--filter", '{"kind":"text"}')).toEqual(["notes.txt"]);
    expect(await ids("metadata", "--mode", "text")).toEqual(["Guide › Filters"]);
    expect(await ids("metadata", "--mode", "vector")).toHaveLength(3);
    expect(await ids("metadata", "--offset", "1")).toHaveLength(2);
    expect(await ids("metadata", "--namespace", "other")).toEqual([]);
    const kept = (await json<GenerationInfo[]>("generations", "list")).find(({ state }) => state === "kept");
    expect(await json("search", "metadata", "--generation", String(kept?.generation))).toMatchObject({
      generation: kept?.generation,
    });
  });

  it("bad input is exit code 2 with its code, a missing collection 1", async () => {
    for (const k of ["0", "-1", "1.5", "10001"]) {
      const ran = await cli("search", "x", "-k", k);
      expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining("[GENNAKER_INVALID_QUERY]")]);
    }
    const filter = await cli("search", "x", "--filter", '{"a":{"$like":1}}');
    expect([filter.code, filter.stderr]).toEqual([2, expect.stringContaining("[GENNAKER_INVALID_FILTER]")]);
    await db.collection("plain");
    const mode = await cli("search", "x", "--collection", "plain", "--mode", "vector");
    expect([mode.code, mode.stderr]).toEqual([2, expect.stringContaining("needs an embedder")]);
  });
});

describe("get, stats, collections, verify", () => {
  it("get shows documents, and says which are missing", async () => {
    const { hits } = await json<SearchResult>("search", "abort", "-k", "1");
    const id = hits[0]?.id ?? "";
    expect(await json("get", id)).toMatchObject({ id, metadata: { kind: "markdown" } });
    expect((await cli("get", id)).stdout).toContain("Abort a request with a signal.");
    const some = await cli("get", id, "nobody", "--json");
    expect(some.code).toBe(1);
    expect(jsonOf(some)).toMatchObject([{ id }, null]);
    expect(some.stderr).toContain('has no document "nobody"');
    const none = await cli("get", "nobody", "--json");
    expect([none.code, jsonOf(none)]).toMatchObject([1, { error: { code: "GENNAKER_NOT_FOUND" } }]);
  });

  it("stats and collections print tables and their API's values", async () => {
    expect(await json("stats")).toEqual(await db.stats());
    expect(await json("collections")).toEqual(await db.collections());
    expect((await cli("stats")).stdout).toMatch(/collection +documents +segments +size +vectors\ndocs +3 /);
    expect((await cli("collections")).stdout).toMatch(/docs +3 .*lsa +title×4 body +.*path:string/);
  });

  it("verify is 0 when all is well and 3 when something is not", async () => {
    expect(await cli("verify")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ok {2}\d+ files/) });
    const verify = db.verify.bind(db);
    db.verify = async () => ({ ...(await verify()), ok: false, problems: [{ file: "a\u001B", problem: "checksum" }] });
    const bad = await cli("verify");
    expect([bad.code, bad.stdout]).toEqual([3, expect.stringContaining("damaged  a\\e: checksum")]);
    expect((await cli("verify", "--json")).code).toBe(3);
    db.verify = verify;
  });
});

describe("generations", () => {
  it("list, rollback, pin, unpin, drop", async () => {
    const list = await json<GenerationInfo[]>("generations");
    expect(list).toEqual(await db.generations.list());
    const live = list.find(({ state }) => state === "live")?.generation ?? 0;
    expect((await cli("generations", "list")).stdout).toMatch(/generation +state +documents/);
    const back = await json<{ generation: number; previous: number }>("generations", "rollback");
    expect(back.previous).toBe(live);
    expect((await cli("generations", "rollback", "--to", String(live))).stdout).toContain(
      `generation ${live} is live again`,
    );

    expect(await json("generations", "pin", String(back.generation))).toEqual({
      generation: back.generation,
      pinned: true,
    });
    expect((await cli("generations", "drop", "--yes", String(back.generation))).code).not.toBe(0);
    expect((await cli("generations", "unpin", String(back.generation))).stdout).toBe(
      `generation ${back.generation} is unpinned\n`,
    );
    expect(await json("generations", "drop", "--dry-run", String(back.generation))).toMatchObject({
      dryRun: true,
      found: { generation: back.generation },
    });
    expect(await json("generations", "drop", "--yes", String(back.generation))).toEqual({ dropped: back.generation });
    expect((await cli("generations", "drop", "--dry-run", String(back.generation))).code).toBe(1);
  });
});
