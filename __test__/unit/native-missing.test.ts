import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

// Read when the addon is first loaded; each test file has a process state of its own.
process.env["NAPI_RS_NATIVE_LIBRARY_PATH"] = join(tmpdir(), "gennaker-no-such-binary.node");
const { open } = await import("../../src/index.ts");

const directory = await mkdtemp(join(tmpdir(), "gennaker-missing-"));
afterAll(async () => {
  delete process.env["NAPI_RS_NATIVE_LIBRARY_PATH"];
  await rm(directory, { recursive: true });
});

describe("without a native binary", () => {
  it("a directory is refused, never served empty, and nothing is made", async () => {
    const path = join(directory, "data");
    const error = (await open(path).catch((caught: unknown) => caught)) as Error & { code: string };
    expect(error.code).toBe("GENNAKER_NATIVE_MISSING");
    expect(error.message).toMatch(/gennaker-no-such-binary/);
    expect(error.message).toMatch(/unset it/);
    expect(existsSync(path)).toBe(false);
    await expect(open(path, { readOnly: true })).rejects.toMatchObject({ code: "GENNAKER_NATIVE_MISSING" });
  });

  it(":memory: is served by the engine that needs none, and says so", async () => {
    await using db = await open();
    expect(db.status()).toMatchObject({ engine: "memory", path: ":memory:" });
    const docs = await db.collection("docs", { embed: "lsa" });
    await docs.upsert([{ id: "1", text: "word" }]);
    expect(await docs.search({ text: "word", engine: "memory" })).toMatchObject({
      engine: "memory",
      hits: [{ id: "1" }],
    });
    await expect(open(":memory:", { engine: "native" })).rejects.toMatchObject({ code: "GENNAKER_NATIVE_MISSING" });
  });
});
