import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Engine, EngineGate } from "../../src/engine/port.ts";
import { docs, documents, folder, idsOf, near, openEngine, vector } from "./subject.ts";

const sync = { durability: "sync" } as const;

async function build(engine: Engine, count: number): Promise<number> {
  const generation = await engine.begin({ from: "empty" });
  const place = { ...docs, target: { generation } };
  await engine.write(place, { kind: "upsert", documents: documents(count) }, sync);
  await engine.seal(generation);
  return generation;
}

const promote = (engine: Engine, generation: number, gate: Partial<EngineGate>, carry = true) =>
  engine.promote(generation, { gate: { canaries: [], ...gate }, carry });

describe("a gate", () => {
  it("refuses a generation whose files are damaged, and says which", async () => {
    const path = folder();
    const engine = await openEngine(path);
    await engine.write(docs, { kind: "upsert", documents: documents(3) }, sync);
    const before = new Set(readdirSync(path));
    const generation = await build(engine, 200);
    const fresh = readdirSync(path).filter((name) => name.startsWith("seg-") && !before.has(name));
    const file = fresh.toSorted((a, b) => statSync(join(path, b)).size - statSync(join(path, a)).size)[0]!;
    const bytes = readFileSync(join(path, file));
    bytes[Math.floor(bytes.length / 2)]! ^= 0xff;
    writeFileSync(join(path, file), bytes);
    const error = await promote(engine, generation, {}).catch((error: unknown) => error);
    expect(error).toMatchObject({ code: "GENNAKER_GATE_REFUSED", message: expect.stringContaining(file) });
    expect(error).toMatchObject({ details: { checks: [{ name: "checksums", passed: false }] } });
    expect(await idsOf(engine)).toEqual(["0", "1", "2"]);
    expect(await engine.verify()).toMatchObject({ ok: false, problems: [{ file }] });
  });

  it("compares latency with the live generation, by the canaries' queries or by ones made from documents", async () => {
    const engine = await openEngine();
    await engine.write(docs, { kind: "upsert", documents: documents(50) }, sync);
    const generation = await build(engine, 4000);
    const slow = await promote(engine, generation, { latency: 0.001 }).catch((error: unknown) => error);
    expect(slow).toMatchObject({ code: "GENNAKER_GATE_REFUSED" });
    const { checks } = (slow as { details: { checks: { name: string; measured: number }[] } }).details;
    expect(checks.at(-1)).toMatchObject({ name: "latency", passed: false, required: 0.001 });
    expect(checks.at(-1)?.measured).toBeGreaterThan(1);
    const canary = { collection: "docs", namespace: "", query: near(vector(7)), expect: ["7"], atLeast: 1 };
    const passed = await promote(engine, generation, { latency: 1e6, canaries: [canary] });
    expect(passed.checks.map(({ name }) => name)).toEqual(["checksums", "canaries[0]", "latency"]);
  });

  it("has nothing to compare latency with when the live generation lacks the collection", async () => {
    const engine = await openEngine();
    const generation = await engine.begin({ from: "empty" });
    await engine.seal(generation);
    const { checks } = await promote(engine, generation, { latency: 0.5 });
    expect(checks.at(-1)).toEqual({
      name: "latency",
      passed: true,
      required: 0.5,
      measured: "nothing to compare with",
    });
  });

  it("lists every refused check with its figure, carry included", async () => {
    const engine = await openEngine();
    const generation = await build(engine, 5);
    await engine.write(docs, { kind: "upsert", documents: documents(2, 100) }, sync);
    const canary = { collection: "docs", namespace: "", query: near(vector(1), 1), expect: ["1", "none"], atLeast: 2 };
    const gate = { minCount: 10, recall: 0.9, canaries: [canary] };
    const error = await promote(engine, generation, gate, false).catch((error: unknown) => error);
    expect(error).toMatchObject({
      message: "Generation 2 was not promoted: minCount is 5, required 10; canaries[0] is 1, required 2.",
      details: { checks: [{}, { measured: 5 }, { name: "recall", measured: 1, passed: true }, { measured: 1 }] },
    });
    const behind = await promote(engine, generation, {}, false).catch((error: unknown) => error);
    expect(behind).toMatchObject({ details: { checks: [{}, { name: "carry", passed: false, measured: 2 }] } });
    expect((await promote(engine, generation, {})).carried).toBe(2);
  });
});
