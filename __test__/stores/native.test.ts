import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { AbortError } from "../../src/errors.ts";
import { docs, documents, idsOf, near, openEngine, vector } from "./subject.ts";

const sync = { durability: "sync" } as const;
const upsert = (list: ReturnType<typeof documents>) => ({ kind: "upsert", documents: list }) as const;

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
