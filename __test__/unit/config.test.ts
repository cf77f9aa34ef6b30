import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { failover, lancedbAvailable, open, VectorDbConfig } from "../../src/index.ts";
import { parseConfig } from "../../src/database/config.ts";

const directory = await mkdtemp(join(tmpdir(), "gennaker-config-"));
afterAll(() => rm(directory, { recursive: true }));
const memory = { engine: "memory" } as const;

describe("configuration", () => {
  it("fills in the defaults", () => {
    expect(parseConfig(undefined, undefined)).toEqual({
      path: ":memory:",
      useLancedb: false,
      fallbackToMvp: true,
      readOnly: false,
      engine: undefined,
      retention: { count: 3 },
      followMs: 200,
      threads: 0,
    });
  });

  it("has five presets, each also with a path", () => {
    const flags = Object.entries(VectorDbConfig).map(([name, make]) => {
      const { path, useLancedb, fallbackToMvp } = parseConfig(make("./data"), undefined);
      return [name, path, useLancedb, fallbackToMvp];
    });
    expect(flags).toEqual([
      ["default", "./data", false, true],
      ["test", "./data", false, true],
      ["mvpOnly", "./data", false, false],
      ["production", "./data", true, true],
      ["lancedbTest", "./data", true, false],
    ]);
    expect(parseConfig("./data", VectorDbConfig.production())).toEqual(
      parseConfig(VectorDbConfig.production("./data"), undefined),
    );
    expect(parseConfig(undefined, VectorDbConfig.test()).path).toBe(":memory:");
  });

  it.each([
    [[{ uselancedb: true }], "GENNAKER_INVALID_CONFIG"],
    [["./a", { path: "./b" }], "GENNAKER_INVALID_CONFIG"],
    [[""], "GENNAKER_INVALID_CONFIG"],
    [["a\0b"], "GENNAKER_INVALID_CONFIG"],
    [["\ud800"], "GENNAKER_INVALID_CONFIG"],
    [["x", { engine: "lancedb" }], "GENNAKER_INVALID_CONFIG"],
    [["x", memory], "GENNAKER_INVALID_CONFIG"],
    [[":memory:", { readOnly: true }], "GENNAKER_INVALID_CONFIG"],
    [["x", { followMs: 0 }], "GENNAKER_INVALID_CONFIG"],
    [["x", { retention: { count: 0 } }], "GENNAKER_INVALID_CONFIG"],
    [["x", { retention: { keep: 2 } }], "GENNAKER_INVALID_CONFIG"],
    [["x", { shadow: { percent: 1 } }], "GENNAKER_UNSUPPORTED"],
    [["x", { rollout: { percent: 1 } }], "GENNAKER_UNSUPPORTED"],
  ])("refuses %j", async (args, code) => {
    await expect(open(...(args as [string]))).rejects.toMatchObject({ code });
  });

  it.each([
    [[5]],
    [[null]],
    [["x", 5]],
    [["x", []]],
    [["x", { readOnly: "yes" }]],
    [["x", { threads: "2" }]],
    [[{}, {}]],
  ])("calls %j a wrong type", async (args) => {
    await expect(open(...(args as unknown as [string]))).rejects.toBeInstanceOf(TypeError);
  });

  it("names the known keys when one is unknown", async () => {
    await expect(open("x", { readonly: true } as never)).rejects.toThrow(/"readonly".*readOnly/);
  });

  it("answers in LanceDB's place only when the flags allow it, and says so", async () => {
    await using db = await open({ ...VectorDbConfig.production(), ...memory });
    const docs = await db.collection("docs");
    await docs.upsert([{ id: "1", text: "word" }]);
    const degraded = { from: "lancedb", reason: expect.any(String) };
    expect(await docs.search({ text: "word" })).toMatchObject({ engine: "memory", degraded });
    expect(db.status()).toMatchObject({ degraded, searches: 1, fallbacks: 1 });
    await expect(docs.search({ text: "word", engine: "lancedb" })).rejects.toMatchObject({
      code: "GENNAKER_ENGINE_UNAVAILABLE",
    });
    await expect(open({ ...VectorDbConfig.lancedbTest(), ...memory })).rejects.toMatchObject({
      code: "GENNAKER_ENGINE_UNAVAILABLE",
    });
    expect(lancedbAvailable()).toBe(false);
  });

  it("refuses a path that is a file", async () => {
    const file = join(directory, "file");
    await writeFile(file, "x");
    await expect(open(file)).rejects.toMatchObject({ code: "GENNAKER_IO", details: { path: file } });
    await expect(open(join(file, "below"))).rejects.toMatchObject({ code: "GENNAKER_IO" });
  });

  it("throws UNSUPPORTED with what to do for names that later versions serve", async () => {
    await using db = await open(":memory:", memory);
    const docs = await db.collection("docs");
    const calls = [
      () => docs.createIndex(),
      () => docs.dropIndex(),
      () => docs.indexStats(),
      () => docs.measureRecall(),
      () => docs.analyze(),
      () => docs.suggest(),
      () => docs.explainMissing(),
      () => docs.fit(),
      () => docs.stale(),
      () => docs.namespaces(),
      () => docs.dropNamespace(),
      () => db.search(),
      () => db.backup(),
      () => db.restore(),
      () => db.repair(),
      () => db.reload({}),
      async () => failover(db, db),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: "GENNAKER_UNSUPPORTED" });
  });
});
