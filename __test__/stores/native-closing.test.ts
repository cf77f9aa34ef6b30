import { describe, expect, it } from "vitest";
import { openNative } from "../../src/stores/native/engine.ts";
import { docs, documents, folder, idsOf, near, openEngine, vector } from "./subject.ts";

const sync = { durability: "sync" } as const;
const upsert = (list: ReturnType<typeof documents>) => ({ kind: "upsert", documents: list }) as const;

describe("options", () => {
  it.each(["bytes", "days"])("that would be ignored are refused: retention.%s", async (key) => {
    const options = {
      readOnly: false,
      retention: { count: 3, [key]: 1 },
      followMs: 200,
      threads: 0,
      onEvent: () => {},
    };
    await expect(openNative(undefined, options)).rejects.toMatchObject({
      code: "GENNAKER_UNSUPPORTED",
      details: { key },
    });
  });

  it("threads above 0 say how many search at once", async () => {
    const options = { readOnly: false, retention: { count: 3 }, followMs: 200, threads: 3, onEvent: () => {} };
    const engine = await openNative(undefined, options);
    await engine.openCollection("live", "docs", { dimension: 64 });
    await engine.write(docs, upsert(documents(100)), sync);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => engine.search(docs, near(vector(i)))));
    expect(answers.every(({ hits }) => hits.length === 10)).toBe(true);
    await engine.close();
  });
});

describe("closing", () => {
  it("finishes writes, stops reads with CLOSED, and the store has every acknowledged write", async () => {
    const path = folder();
    const engine = await openEngine(path);
    await engine.write(docs, upsert(documents(2000)), sync);
    const many = engine.searchMany(
      docs,
      Array.from({ length: 20_000 }, (_, i) => near(vector(i))),
    );
    const read = many.catch((error: unknown) => error);
    const writes = Array.from({ length: 40 }, (_, i) => engine.write(docs, upsert(documents(1, 5000 + i)), sync));
    const closing = engine.close();
    await expect(engine.get(docs, ["0"])).rejects.toMatchObject({ code: "GENNAKER_CLOSED" });
    expect(() => engine.status()).toThrow(expect.objectContaining({ code: "GENNAKER_CLOSED" }));
    await Promise.all([closing, engine.close()]);
    expect(await read).toMatchObject({ code: "GENNAKER_CLOSED" });
    expect(await Promise.all(writes)).toHaveLength(40);
    const again = await openEngine(path);
    expect(await again.count(docs, undefined)).toBe(2040);
  });

  it("can block, for exit handlers", async () => {
    const path = folder();
    const engine = await openEngine(path);
    const writes = Array.from({ length: 20 }, (_, i) => engine.write(docs, upsert(documents(1, i)), sync));
    engine.closeSync();
    engine.closeSync();
    const again = await openEngine(path);
    expect(await again.count(docs, undefined)).toBe(20);
    await Promise.all(writes);
  });

  it.each(["close", "closeSync"] as const)("finishes the writes of a build too: %s", async (how) => {
    const engine = await openEngine();
    const place = { ...docs, target: { generation: await engine.begin({ from: "empty" }) } };
    const writes = Array.from({ length: 20 }, (_, i) => engine.write(place, upsert(documents(500, 500 * i)), sync));
    await engine[how]();
    expect((await Promise.all(writes)).map(({ upserted }) => upserted)).toEqual(Array(20).fill(500));
  });

  it("of one handle leaves the others of the process open", async () => {
    const path = folder();
    const [one, two] = [await openEngine(path), await openEngine(path)];
    await one.write(docs, upsert(documents(1)), sync);
    expect(await idsOf(two)).toEqual(["0"]);
    await one.close();
    await two.write(docs, upsert(documents(1, 1)), sync);
    await two.close();
    expect(await idsOf(await openEngine(path))).toEqual(["0", "1"]);
  });

  it("ends a listing that is under way", async () => {
    const engine = await openEngine();
    await engine.write(docs, upsert(documents(600)), sync);
    const listing = engine.scan(docs, undefined)[Symbol.asyncIterator]();
    expect((await listing.next()).value).toHaveLength(256);
    await engine.close();
    await expect(listing.next()).rejects.toMatchObject({ code: "GENNAKER_CLOSED" });
  });
});
