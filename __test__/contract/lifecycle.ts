import { describe, expect, it } from "vitest";
import { codeOf, type Subject } from "./subject.ts";

/** Collections, closing, abort, deadlines. */
export function lifecycleContract({ name, create }: Subject): void {
  describe("a database", () => {
    it("lists, describes and drops its collections", async () => {
      await using db = await create();
      expect(await db.collections()).toEqual([]);
      const b = await db.collection("b", { dimension: 3, metric: "l2" });
      await db.collection("a");
      await b.upsert([{ id: "1", text: "x" }, { id: "2" }]);
      expect(await db.collections()).toMatchObject([
        { name: "a", count: 0 },
        {
          name: "b",
          count: 2,
          schema: { dimension: 3, metric: "l2", text: [{ name: "text", weight: 1, language: "english" }] },
        },
      ]);
      expect((await db.stats()).collections["b"]).toMatchObject({ count: 2, unflushed: 2, dead: 0, lambda: 0.11 });
      expect(await db.dropCollection("b")).toMatchObject({ deleted: 2, upserted: 0 });
      expect((await db.collections()).map((one) => one.name)).toEqual(["a"]);
      await expect(b.count()).rejects.toMatchObject({ code: "GENNAKER_NOT_FOUND" });
      expect(await (await db.collection("b")).count()).toBe(0);
    });

    it("says who serves, verifies and optimizes", async () => {
      await using db = await create();
      const docs = await db.collection("docs");
      await docs.upsert([{ id: "1", text: "x" }]);
      expect(db.status()).toMatchObject({
        engine: name,
        readOnly: false,
        generation: 1,
        sequence: expect.any(Number),
        searches: 0,
        fallbacks: 0,
      });
      expect(await db.verify()).toMatchObject({ ok: true, problems: [] });
      await docs.optimize();
      expect((await docs.search({ text: "x" })).hits).toHaveLength(1);
    });

    it("tells listeners, once or until they stop listening", async () => {
      await using db = await create();
      const heard: string[] = [];
      const always = (): void => void heard.push("always");
      db.on("generation", always).once("generation", () => heard.push("once"));
      for (let i = 0; i < 3; i++) {
        await using next = await db.generations.begin();
        await next.seal();
        await next.promote();
        await expect.poll(() => heard.filter((one) => one === "always").length).toBe(Math.min(i + 1, 2));
        if (i === 1) db.off("generation", always);
      }
      expect(heard.filter((one) => one === "once")).toHaveLength(1);
    });

    it("refuses every call after close, and closes twice", async () => {
      const db = await create();
      const docs = await db.collection("docs");
      const writing = docs.upsert([{ id: "1" }]);
      const next = await db.generations.begin();
      await db.close();
      await expect(writing).resolves.toMatchObject({ upserted: 1 });
      await db.close();
      db.closeSync();
      const calls = [
        () => docs.upsert([{ id: "1" }]),
        () => docs.get("1"),
        () => docs.count(),
        () => docs.search({ text: "x" }),
        () => docs.searchMany([{ text: "x" }]),
        async () => docs.searchSync({ text: "x" }),
        async () => docs.scan(),
        () => docs.ingest([]),
        () => docs.update("1", {}),
        () => docs.delete("1"),
        () => docs.deleteWhere({}),
        () => docs.optimize(),
        () => db.collection("docs"),
        () => db.collections(),
        () => db.dropCollection("docs"),
        () => db.stats(),
        () => db.verify(),
        async () => db.status(),
        () => db.generations.begin(),
        () => db.generations.list(),
        () => db.generations.rollback(),
        () => db.generations.pin(1),
        () => next.seal(),
        () => next.abandon(),
        () => next.collection("docs"),
      ];
      for (const call of calls) expect(await codeOf(call)).toBe("GENNAKER_CLOSED");
      await next[Symbol.asyncDispose]();
    });

    it("rejects an aborted call at once with the signal's reason", async () => {
      await using db = await create();
      const docs = await db.collection("docs");
      const reason = new Error("not needed");
      const signal = AbortSignal.abort(reason);
      const calls = [
        docs.upsert([{ id: "1" }], { signal }),
        docs.get("1", { signal }),
        docs.count({}, { signal }),
        docs.search({ text: "x", signal }),
        docs.searchMany([{ text: "x" }], { signal }),
        docs.scan({ signal }).next(),
        docs.optimize({ signal }),
        db.verify({ signal }),
        db.generations.begin({ signal }),
        db.generations.rollback({ signal }),
      ];
      for (const call of calls)
        await expect(call).rejects.toMatchObject({ name: "AbortError", code: "GENNAKER_ABORTED", cause: reason });
      expect(await docs.count()).toBe(0);
      expect(await db.generations.list()).toHaveLength(1);
    });

    it("rejects at the deadline while an embedder hangs, and writes nothing then", async () => {
      await using db = await create();
      const embed = { id: "slow", embed: () => new Promise<never>(() => {}) };
      const docs = await db.collection("docs", { embed });
      const started = performance.now();
      const late = { code: "GENNAKER_TIMEOUT", retryable: true };
      await expect(docs.search({ text: "x", timeoutMs: 20 })).rejects.toMatchObject(late);
      await expect(docs.upsert([{ id: "1", text: "x" }], { timeoutMs: 20 })).rejects.toMatchObject(late);
      const controller = new AbortController();
      const aborted = docs.search({ text: "x", signal: controller.signal });
      controller.abort();
      await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
      expect(performance.now() - started).toBeLessThan(2000);
      expect(await docs.count()).toBe(0);
    });

    it("stops reads under way with CLOSED", async () => {
      const db = await create();
      const embed = { id: "slow", embed: () => new Promise<never>(() => {}) };
      const docs = await db.collection("docs", { embed });
      const searching = docs.search({ text: "x" });
      const closing = db.close();
      await expect(searching).rejects.toMatchObject({ code: "GENNAKER_CLOSED" });
      await closing;
    });
  });
}
