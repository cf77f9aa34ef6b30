import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { AbortError, ERROR_CODES, GennakerError } from "../../src/errors.ts";
import { fromNative } from "../../src/stores/native/errors.ts";
import { loadBinding } from "../../src/stores/native/load.ts";
import { docs, documents, folder, idsOf, near, openEngine, vector } from "./subject.ts";

const sync = { durability: "sync" } as const;
const upsert = (list: ReturnType<typeof documents>) => ({ kind: "upsert", documents: list }) as const;

describe("errors of the addon", () => {
  it("have the codes of TypeScript, in the same order", () => {
    expect(loadBinding().errorCodes()).toEqual([...ERROR_CODES]);
  });

  it("carry code, details and retryable when they are rejections", async () => {
    const engine = await openEngine();
    const write = engine.write(
      docs,
      upsert([...documents(1), { id: "bad", vector: new Float32Array([1, 2, 3]) }]),
      sync,
    );
    const error = await write.catch((error: unknown) => error);
    expect(error).toBeInstanceOf(GennakerError);
    expect(error).toMatchObject({
      code: "GENNAKER_DIMENSION_MISMATCH",
      details: { position: 1, id: "bad", expected: 64, actual: 3 },
      retryable: false,
    });
    expect(await engine.count(docs, undefined)).toBe(0);
  });

  it("carry the same when they are thrown", async () => {
    const engine = await openEngine();
    await engine.write(docs, upsert(documents(1)), sync);
    const search = () => engine.searchSync?.(docs, near(new Float32Array([1, 2, 3])));
    expect(search).toThrow(GennakerError);
    expect(search).toThrow(
      expect.objectContaining({ code: "GENNAKER_DIMENSION_MISMATCH", details: expect.objectContaining({ actual: 3 }) }),
    );
  });

  it("keep lists and nested values in their details, and say when a retry may help", () => {
    const thrown = caught(() => loadBinding().failForTest("error"));
    expect(fromNative(thrown)).toMatchObject({
      code: "GENNAKER_LOCKED",
      retryable: true,
      details: { value: { list: [1, "two", null, true], large: Number.MAX_SAFE_INTEGER } },
    });
  });

  it("name the failing query of several", async () => {
    const engine = await openEngine();
    await engine.write(docs, upsert(documents(1)), sync);
    const queries = [near(vector(1)), near(new Float32Array([1]))];
    await expect(engine.searchMany(docs, queries)).rejects.toMatchObject({ details: { position: 1 } });
  });
});

describe("a panic", () => {
  it.each(["sync", "job"])("of a call (%s) is INTERNAL and ends nothing else", async (how) => {
    const failed = await Promise.resolve()
      .then(() => loadBinding().failForTest(how))
      .catch((error: unknown) => fromNative(error));
    expect(failed).toMatchObject({ code: "GENNAKER_INTERNAL", details: { panic: "on purpose" }, retryable: false });
    await loadBinding().failForTest("");
  });

  it("that loses a promise rejects it", async () => {
    const failed = await loadBinding()
      .failForTest("lost")
      .catch((error: unknown) => fromNative(error));
    expect(failed).toMatchObject({ code: "GENNAKER_INTERNAL" });
  });

  it("or a wrong argument that the binding finds is INTERNAL too", async () => {
    const thrown = caught(() => loadBinding().open(1 as never, {} as never));
    expect(fromNative(thrown)).toMatchObject({ code: "GENNAKER_INTERNAL", cause: thrown });
  });
});

describe("inputs", () => {
  it("are copied before a call returns", async () => {
    const engine = await openEngine();
    const [document, query] = [documents(1)[0]!, near(vector(0))];
    const written = engine.write(docs, upsert([document]), sync);
    document.vector?.fill(Number.NaN);
    await written;
    expect((await engine.get(docs, ["0"]))[0]?.vector).toEqual(vector(0));
    const answers = [engine.search(docs, query), engine.searchMany(docs, [query]).then(([first]) => first)];
    query.vector?.fill(Number.NaN);
    for (const answer of answers) expect((await answer)?.hits[0]?.score).toBeCloseTo(1, 6);
  });

  it("may be views into larger buffers", async () => {
    const engine = await openEngine();
    const buffer = new Float32Array(200).fill(7);
    buffer.set(vector(3), 100);
    await engine.write(docs, upsert([{ id: "view", vector: buffer.subarray(100, 164) }, ...documents(3)]), sync);
    const { hits } = await engine.search(docs, {
      ...near(vector(3)),
      include: { vector: true, text: false, metadata: false },
    });
    expect(hits[0]?.vector).toEqual(vector(3));
    // each vector has memory of its own: one that is kept keeps no others
    expect(hits[0]?.vector?.buffer.byteLength).toBe(64 * 4);
    hits[0]?.vector?.fill(0);
    expect((await engine.get(docs, ["view"]))[0]?.vector).toEqual(vector(3));
  });
});

describe("writes", () => {
  it.each(["live", "build"])("keep the order of their calls: %s", async (where) => {
    const engine = await openEngine();
    const place = where === "live" ? docs : { ...docs, target: { generation: await engine.begin({ from: "empty" }) } };
    const document = (id: string, n: number) => ({ id, metadata: `{"n":${n}}` });
    // enough of them that a write is still at work when the next ones are called
    const many = (n: number) => Array.from({ length: 300 }, (_, i) => document(`many ${i}`, n));
    const rounds = Array.from({ length: 40 }, (_, n) => [
      engine.write(place, upsert(many(n)), sync),
      engine.write(place, { kind: "deleteWhere", filter: { n } }, sync),
      engine.write(place, upsert([document("last", n)]), sync),
    ]);
    const done = await Promise.all(rounds.flat());
    expect(done.filter((_, i) => i % 3 === 1).map(({ deleted }) => deleted)).toEqual(Array(40).fill(300));
    expect(await idsOf(engine, place)).toEqual(["last"]);
    expect((await engine.get(place, ["last"]))[0]?.metadata).toBe('{"n":39}');
  });

  it("of the live generation go on while a build is written", async () => {
    const engine = await openEngine();
    const generation = await engine.begin({ from: "empty" });
    const build = engine.write({ ...docs, target: { generation } }, upsert(documents(20_000)), sync);
    let isBuilt = false;
    void build.then(() => (isBuilt = true));
    await engine.write(docs, upsert(documents(1)), sync);
    expect(isBuilt).toBe(false);
    await build;
  });
});

describe("abort", () => {
  it("before a call rejects it with the reason, and does nothing", async () => {
    const engine = await openEngine();
    const signal = AbortSignal.abort("enough");
    const call = { signal };
    const calls = [
      engine.write(docs, upsert(documents(1)), { ...sync, signal }),
      engine.search(docs, near(vector(1)), call),
      engine.get(docs, ["0"], call),
      engine.seal(1, call),
      engine.openCollection("live", "other", {}, call),
    ];
    for (const one of calls) await expect(one).rejects.toMatchObject({ name: "AbortError", cause: "enough" });
    expect(await engine.count(docs, undefined)).toBe(0);
    expect(await engine.collections("live")).toHaveLength(1);
  });

  it("stops work that runs, and leaves no listener behind", async () => {
    const engine = await openEngine();
    await engine.write(docs, upsert(documents(3000)), sync);
    const controller = new AbortController();
    const { signal } = controller;
    const many = engine.searchMany(
      docs,
      Array.from({ length: 20_000 }, (_, i) => near(vector(i))),
      { signal },
    );
    await engine.search(docs, near(vector(1)), { signal });
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    const reason = new Error("changed my mind");
    controller.abort(reason);
    const aborted = performance.now();
    const error = await many.catch((error: unknown) => error);
    expect(error).toBeInstanceOf(AbortError);
    expect(error).toMatchObject({ cause: reason });
    expect(performance.now() - aborted).toBeLessThan(1000);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    // the flag of the aborted call is not used again
    expect((await engine.search(docs, near(vector(1)), { signal: new AbortController().signal })).hits).toHaveLength(
      10,
    );
  });

  it("of a seal leaves the build open", async () => {
    const engine = await openEngine();
    const generation = await engine.begin({ from: "empty" });
    await engine.write({ ...docs, target: { generation } }, upsert(documents(5000)), sync);
    const controller = new AbortController();
    const seal = engine.seal(generation, { signal: controller.signal });
    controller.abort();
    await expect(seal).rejects.toBeInstanceOf(AbortError);
    expect(await engine.generations()).toMatchObject([{ state: "live" }, { state: "building", count: 5000 }]);
    expect(await engine.seal(generation)).toMatchObject({ count: 5000 });
  });
});

describe("progress", () => {
  it("comes a few times, ends with everything done, and never after the call", async () => {
    const engine = await openEngine();
    const generation = await engine.begin({ from: "empty" });
    await engine.write({ ...docs, target: { generation } }, upsert(documents(2000)), sync);
    const reports: { phase: string; done: number; total?: number }[] = [];
    await engine.seal(generation, { progress: (report) => reports.push(report) });
    const seen = reports.length;
    expect(reports.at(-1)).toMatchObject({ phase: "seal", done: 2000, total: 2000 });
    expect(reports.map(({ done }) => done)).toEqual(reports.map(({ done }) => done).toSorted((a, b) => a - b));
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(reports).toHaveLength(seen);
    const verified: number[] = [];
    await engine.verify({ progress: ({ done, total }) => verified.push(done / (total ?? 0)) });
    expect(verified.at(-1)).toBe(1);
  });

  it("that throws stops the work; its error is the call's", async () => {
    const engine = await openEngine();
    const generation = await engine.begin({ from: "empty" });
    await engine.write({ ...docs, target: { generation } }, upsert(documents(20_000)), sync);
    const error = new Error("listener");
    const progress = () => {
      throw error;
    };
    await expect(engine.seal(generation, { progress })).rejects.toBe(error);
    expect((await engine.generations())[1]).toMatchObject({ state: "building" });
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

function caught(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
