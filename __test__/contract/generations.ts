import { describe, expect, it } from "vitest";
import type { Database } from "../../src/index.ts";
import { collect, ids, type Subject } from "./subject.ts";

const states = async (db: Database): Promise<string[]> =>
  (await db.generations.list()).map((one) => `${one.generation} ${one.state}`);

/** No generation to roll back to: none was before, or it is gone. */
const absentCode: unknown = expect.stringMatching(/^GENNAKER_(NOT_FOUND|GENERATION_GONE)$/);
/** What only a build takes, asked of a sealed one: it is read-only, or in the wrong state. */
const sealedCode: unknown = expect.stringMatching(/^GENNAKER_(READ_ONLY|INVALID_QUERY)$/);

/** Builds aside, promotion with carried writes, rollback, retention. */
export function generationsContract({ create }: Subject): void {
  describe("generations", () => {
    const start = async (): Promise<Database> => {
      const db = await create();
      await (
        await db.collection("docs")
      ).upsert([
        { id: "1", text: "first", metadata: { v: 1 } },
        { id: "2", text: "second", metadata: { v: 1 } },
      ]);
      return db;
    };

    it("begin with one that is live", async () => {
      await using db = await create();
      expect(await db.generations.list()).toMatchObject([{ generation: 1, state: "live", count: 0, pinned: false }]);
    });

    it("are built aside: readers keep the live one, and a result names its state", async () => {
      await using db = await start();
      const docs = await db.collection("docs");
      const next = await db.generations.begin();
      const built = await next.collection("docs");
      expect(await built.count()).toBe(2);
      await built.upsert([{ id: "3", text: "third" }]);
      await built.delete("1");
      expect([await docs.count(), await built.count()]).toEqual([2, 2]);
      expect(ids((await built.search({ text: "third first" })).hits)).toEqual(["3"]);
      expect(ids((await docs.search({ text: "third first" })).hits)).toEqual(["1"]);
      expect((await built.search({ text: "third" })).generation).toBe(next.number);
      expect(await states(db)).toEqual(["1 live", "2 building"]);
      expect(db.status()).toMatchObject({ generation: 1, building: 2 });
      const sealed = await next.seal();
      expect(sealed).toMatchObject({ generation: 2, count: 2 });
      await expect(built.upsert([{ id: "4" }])).rejects.toMatchObject({ code: "GENNAKER_READ_ONLY" });
      expect(ids((await docs.search({ text: "third", generation: 2 })).hits)).toEqual(["3"]);
      const promotion = await next.promote();
      expect(promotion).toMatchObject({ generation: 2, previous: 1, carried: 0 });
      expect(promotion.sequence).toBe(db.status().sequence);
      expect(ids(await collect(docs.scan()))).toEqual(["2", "3"]);
      expect((await docs.search({ text: "third" })).generation).toBe(2);
      expect(ids((await docs.search({ text: "first", generation: 1 })).hits)).toEqual(["1"]);
      expect(await states(db)).toEqual(["1 kept", "2 live"]);
    });

    it("begin empty with the schemas", async () => {
      await using db = await create();
      await db.collection("docs", { dimension: 2, metadata: { n: "int" } });
      const next = await db.generations.begin({ from: "empty" });
      const built = await next.collection("docs");
      expect(await built.count()).toBe(0);
      await expect(built.upsert([{ id: "1", vector: [1, 2, 3] }])).rejects.toMatchObject({
        code: "GENNAKER_DIMENSION_MISMATCH",
      });
      await expect(built.upsert([{ id: "1", metadata: { n: 0.5 } }])).rejects.toMatchObject({
        code: "GENNAKER_INVALID_SCHEMA",
      });
      await built.upsert([{ id: "1", vector: [1, 2] }]);
      await next.abandon();
      expect(await states(db)).toEqual(["1 live"]);
    });

    it("carry live writes on top at promotion: a live write wins", async () => {
      await using db = await start();
      const docs = await db.collection("docs");
      const next = await db.generations.begin({ from: "empty" });
      const built = await next.collection("docs");
      await built.upsert([
        { id: "1", text: "built" },
        { id: "2", text: "built" },
        { id: "9", text: "built" },
      ]);
      await docs.upsert([
        { id: "2", text: "live" },
        { id: "3", text: "live" },
      ]);
      await docs.update("1", { metadata: { v: 2 } });
      await next.seal();
      await docs.deleteWhere({ v: 2 });
      await docs.namespace("n").upsert([{ id: "1", text: "apart" }]);
      expect(await next.promote()).toMatchObject({ carried: 4 });
      const all = (await collect(docs.scan())).map((one) => [one.id, one.text]);
      expect(all).toEqual([
        ["2", "live"],
        ["3", "live"],
        ["9", "built"],
      ]);
      expect(await docs.namespace("n").count()).toBe(1);
    });

    it("refuse instead when nothing may be carried", async () => {
      await using db = await start();
      const docs = await db.collection("docs");
      const next = await db.generations.begin();
      await docs.upsert([{ id: "3" }]);
      await next.seal();
      await expect(next.promote({ carry: false })).rejects.toMatchObject({
        code: "GENNAKER_GATE_REFUSED",
        details: { generation: 2 },
      });
      expect(await states(db)).toEqual(["1 live", "2 sealed"]);
      expect(await next.promote({ carry: true })).toMatchObject({ carried: 1 });
    });

    it("take collections that were not named from the live one", async () => {
      await using db = await start();
      const other = await db.collection("other");
      await other.upsert([{ id: "x" }]);
      const next = await db.generations.begin({ from: "empty", collections: ["docs"] });
      await (await next.collection("docs")).upsert([{ id: "new" }]);
      await other.upsert([{ id: "y" }]);
      await (await db.collection("later")).upsert([{ id: "z" }]);
      await next.seal();
      await next.promote();
      expect((await db.collections()).map((one) => [one.name, one.count])).toEqual([
        ["docs", 1],
        ["later", 1],
        ["other", 2],
      ]);
      await expect(db.generations.begin({ collections: ["none"] })).rejects.toMatchObject({
        code: "GENNAKER_NOT_FOUND",
      });
    });

    it("carry collections that were made and dropped live", async () => {
      await using db = await start();
      await (await db.collection("gone")).upsert([{ id: "x" }]);
      const next = await db.generations.begin();
      await db.dropCollection("gone");
      await (await db.collection("fresh", { metadata: { n: "int" } })).upsert([{ id: "y", metadata: { n: 1 } }]);
      await next.seal();
      await next.promote();
      const collections = await db.collections();
      expect(collections.map((one) => [one.name, one.count])).toEqual([
        ["docs", 2],
        ["fresh", 1],
      ]);
      expect(collections[1]?.schema.metadata).toEqual({ n: { type: "int", filterable: true } });
      await db.generations.rollback();
      expect((await db.collections()).map((one) => one.name)).toEqual(["docs", "fresh"]);
    });

    it("pass a gate or are refused with every check", async () => {
      await using db = await start();
      const next = await db.generations.begin();
      await (await next.collection("docs")).upsert([{ id: "3", text: "third" }]);
      await expect(next.promote()).rejects.toMatchObject({ code: "GENNAKER_GATE_REFUSED" });
      await next.seal();
      const canary = { collection: "docs", query: { text: "third" }, expect: ["3"] };
      const gate = {
        recall: 0.95,
        minCount: 4,
        canaries: [canary, { ...canary, expect: ["1", "3"] }, { ...canary, expect: ["1", "3"], atLeast: 1 }],
      };
      const error = await next.promote({ gate }).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: "GENNAKER_GATE_REFUSED" });
      const { checks } = (error as { details: { checks: { name: string; passed: boolean }[] } }).details;
      const failed = checks.filter((check) => !check.passed).map((check) => check.name);
      expect(failed).toHaveLength(2);
      expect(failed[0]).toBe("minCount");
      expect(failed[1]).toMatch(/canar/);
      expect(await states(db)).toEqual(["1 live", "2 sealed"]);
      const promotion = await next.promote({ gate: { ...gate, minCount: 3, canaries: [canary] } });
      expect(promotion.checks.every((check) => check.passed)).toBe(true);
      expect(promotion.checks.length).toBeGreaterThanOrEqual(3);
    });

    it("are timed against the live one, by the canaries' queries or by queries made from documents", async () => {
      await using db = await start();
      const docs = await db.collection("docs");
      await docs.upsert([
        { id: "v", vector: [1, 2] },
        { id: "f", text: { title: "in a field" } },
      ]);
      const next = await db.generations.begin();
      await next.seal();
      const canaries = [{ collection: "docs", query: { text: "first" }, expect: ["1"] }];
      for (const gate of [{ latency: 1e-9 }, { latency: 1e-9, canaries }]) {
        const error = (await next.promote({ gate }).catch((caught: unknown) => caught)) as { details: object };
        expect(error).toMatchObject({ code: "GENNAKER_GATE_REFUSED" });
        const latency = { name: "latency", passed: false, required: 1e-9, measured: expect.any(Number) };
        expect(error.details).toMatchObject({ checks: expect.arrayContaining([latency]) });
      }
      const aborted = next.promote({ gate: { latency: 1 }, signal: AbortSignal.abort() });
      await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
      const { checks } = await next.promote({ gate: { latency: 1e6, canaries } });
      expect(checks.map((check) => check.name)).toContain("latency");
    });

    it("are rolled back as they were left, with the writes since", async () => {
      await using db = await start();
      const docs = await db.collection("docs");
      const next = await db.generations.begin({ from: "empty" });
      await (await next.collection("docs")).upsert([{ id: "n", text: "new" }]);
      await next.seal();
      await next.promote();
      await docs.upsert([
        { id: "3", text: "since" },
        { id: "2", text: "since" },
      ]);
      await docs.delete("n");
      expect(await db.generations.rollback()).toMatchObject({ generation: 1, previous: 2, carried: 3, dropped: 0 });
      expect((await collect(docs.scan())).map((one) => [one.id, one.text])).toEqual([
        ["1", "first"],
        ["2", "since"],
        ["3", "since"],
      ]);
      expect(await states(db)).toEqual(["1 live", "2 kept"]);
      await db.generations.rollback({ to: 2 });
      expect(ids(await collect(docs.scan()))).toEqual(["2", "3"]);
    });

    it("are rolled back without the writes since when they are to be dropped", async () => {
      await using db = await start();
      const docs = await db.collection("docs");
      const next = await db.generations.begin();
      await next.seal();
      await next.promote();
      const { sequence } = await docs.upsert([{ id: "3" }, { id: "1", text: "changed" }]);
      const rollback = await db.generations.rollback({ writes: "drop" });
      expect(rollback).toMatchObject({ generation: 1, carried: 0, dropped: 2 });
      expect(rollback.sequence).toBeGreaterThan(sequence);
      expect((await collect(docs.scan())).map((one) => [one.id, one.text])).toEqual([
        ["1", "first"],
        ["2", "second"],
      ]);
      await docs.upsert([{ id: "4" }]);
      expect(await docs.count()).toBe(3);
    });

    it("never bring back what was dropped, and carry nothing that they hold", async () => {
      await using db = await start();
      await db.generations.pin(1);
      const docs = await db.collection("docs");
      for (let i = 0; i < 2; i++) {
        const next = await db.generations.begin();
        await next.seal();
        await next.promote();
        await docs.upsert([{ id: `kept${i}` }]);
      }
      await docs.upsert([{ id: "dropped" }]);
      await db.generations.rollback({ to: 2, writes: "drop" });
      expect(ids(await collect(docs.scan()))).toEqual(["1", "2", "kept0"]);
      const next = await db.generations.begin();
      await next.seal();
      expect(await next.promote({ carry: false })).toMatchObject({ carried: 0 });
      await db.generations.rollback({ to: 1 });
      expect(ids(await collect(docs.scan()))).toEqual(["1", "2", "kept0"]);
    });

    it("are rolled back to a chosen one", async () => {
      await using db = await start();
      const docs = await db.collection("docs");
      for (let i = 0; i < 2; i++) {
        const next = await db.generations.begin();
        await (await next.collection("docs")).upsert([{ id: `g${next.number}` }]);
        await next.seal();
        await next.promote();
      }
      expect(await states(db)).toEqual(["1 kept", "2 kept", "3 live"]);
      await db.generations.rollback({ to: 1 });
      expect(ids(await collect(docs.scan()))).toEqual(["1", "2"]);
      await db.generations.rollback({ to: 3 });
      expect(ids(await collect(docs.scan()))).toEqual(["1", "2", "g2", "g3"]);
    });

    it("keep the live one and two that were left, and those that are pinned", async () => {
      await using db = await start();
      await db.generations.pin(1);
      for (let i = 0; i < 4; i++) {
        const next = await db.generations.begin();
        await next.seal();
        await next.promote();
      }
      expect(await states(db)).toEqual(["1 kept", "3 kept", "4 kept", "5 live"]);
      await expect(db.generations.rollback({ to: 2 })).rejects.toMatchObject({ code: "GENNAKER_GENERATION_GONE" });
      await expect(db.generations.pin(9)).rejects.toMatchObject({ code: "GENNAKER_NOT_FOUND" });
      await expect(db.generations.drop(1)).rejects.toMatchObject({ code: "GENNAKER_INVALID_QUERY" });
      await expect(db.generations.drop(5)).rejects.toMatchObject({ code: "GENNAKER_INVALID_QUERY" });
      await db.generations.unpin(1);
      await db.generations.drop(4);
      expect((await states(db)).at(-1)).toBe("5 live");
      expect(await states(db)).not.toContain("4 kept");
      const docs = await db.collection("docs");
      await expect(docs.search({ text: "first", generation: 4 })).rejects.toMatchObject({
        code: "GENNAKER_GENERATION_GONE",
      });
    });

    it("are built one at a time", async () => {
      await using db = await start();
      const next = await db.generations.begin();
      await expect(db.generations.begin()).rejects.toMatchObject({ code: "GENNAKER_LOCKED" });
      await next.seal();
      const other = await db.generations.begin();
      expect(other.number).toBeGreaterThan(next.number);
      await other.abandon();
    });

    it("are abandoned on dispose before they are sealed, and kept afterwards", async () => {
      await using db = await start();
      {
        await using next = await db.generations.begin();
        await (await next.collection("docs")).upsert([{ id: "x" }]);
      }
      expect(await states(db)).toEqual(["1 live"]);
      let number = 0;
      {
        await using next = await db.generations.begin();
        await next.seal();
        number = next.number;
      }
      expect(await states(db)).toEqual(["1 live", `${number} sealed`]);
      await db.generations.promote(number);
      expect(await states(db)).toEqual(["1 kept", `${number} live`]);
    });

    it("refuse what does not fit their state", async () => {
      await using db = await start();
      await expect(db.generations.rollback()).rejects.toMatchObject({ code: absentCode });
      await expect(db.generations.promote(1)).rejects.toMatchObject({ code: "GENNAKER_INVALID_QUERY" });
      await expect(db.generations.promote(7)).rejects.toMatchObject({ code: "GENNAKER_NOT_FOUND" });
      const next = await db.generations.begin();
      await next.seal();
      await expect(next.seal()).rejects.toMatchObject({ code: sealedCode });
      await next.promote();
      await expect(next.abandon()).rejects.toMatchObject({ code: "GENNAKER_INVALID_QUERY" });
      for (const bad of [0, -1, 1.5])
        await expect(db.generations.pin(bad)).rejects.toMatchObject({ code: "GENNAKER_INVALID_QUERY" });
      await expect(db.generations.pin("1" as never)).rejects.toBeInstanceOf(TypeError);
      await expect(db.generations.begin({ from: "nothing" as never })).rejects.toMatchObject({
        code: "GENNAKER_INVALID_QUERY",
      });
      await expect(db.generations.rollback({ keep: true } as never)).rejects.toMatchObject({
        code: "GENNAKER_INVALID_QUERY",
      });
    });

    it("tell listeners when another one is live", async () => {
      await using db = await start();
      const told: unknown[] = [];
      db.on("generation", (event) => told.push(event.details));
      const next = await db.generations.begin();
      await next.seal();
      await next.promote();
      await db.generations.rollback();
      await expect.poll(() => told.length).toBe(2);
      expect(told).toMatchObject([
        { generation: 2, previous: 1 },
        { generation: 1, previous: 2 },
      ]);
    });
  });
}
