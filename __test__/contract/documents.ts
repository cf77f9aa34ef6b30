import { describe, expect, it } from "vitest";
import { collect, type Subject } from "./subject.ts";

/** What goes in comes back; writes are whole; namespaces are apart. */
export function documentsContract({ create }: Subject): void {
  describe("documents", () => {
    it("come back as they went in", async () => {
      await using db = await create();
      const docs = await db.collection("docs");
      const metadata = JSON.parse(
        '{"__proto__":{"x":1},"constructor":"c","nested":{"deep":[1,null,{"a":[]}]},"none":null,"zero":-1.5e-300,"big":9007199254740991,' +
          '"text":"\\u0000 é 😀","list":["a"],"empty":{},"toString":true}',
      ) as Record<string, unknown>;
      const documents = [
        { id: "1", text: "plain", metadata, vector: Float32Array.from([0.1, -2, 3e-8]) },
        { id: "é😀 \n\0", text: { title: "T", body: "" }, metadata: {} },
        { id: "x".repeat(1024) },
      ];
      expect(await docs.upsert(documents)).toMatchObject({ upserted: 3, deleted: 0 });
      expect(await docs.get(documents.map((one) => one.id))).toEqual(documents);
      expect(JSON.stringify((await docs.get("1"))?.metadata)).toBe(JSON.stringify(metadata));
      expect(({} as { x?: number }).x).toBeUndefined();
    });

    it("take dates as ISO strings, leave undefined out and copy what they are given", async () => {
      await using db = await create();
      const docs = await db.collection("docs", { metadata: { day: "date" } });
      const vector = [1, 2];
      const metadata = { day: new Date(0), gone: undefined, list: ["a"] };
      const writing = docs.upsert([{ id: "1", vector, metadata }]);
      vector[0] = 9;
      metadata.list.push("b");
      await writing;
      expect(await docs.get("1")).toEqual({
        id: "1",
        vector: Float32Array.from([1, 2]),
        metadata: { day: "1970-01-01T00:00:00.000Z", list: ["a"] },
      });
      const got = await docs.get("1");
      got?.vector?.fill(7);
      expect((await docs.get("1"))?.vector).toEqual(Float32Array.from([1, 2]));
    });

    it("are replaced by upsert, whole", async () => {
      await using db = await create();
      const docs = await db.collection("docs");
      await docs.upsert([{ id: "1", text: "old", vector: [1, 0], metadata: { a: 1, b: 2 } }]);
      await docs.upsert([{ id: "1", metadata: { a: 3 } }]);
      expect(await docs.get("1")).toEqual({ id: "1", metadata: { a: 3 } });
      expect(await docs.count()).toBe(1);
      expect((await docs.search({ text: "old" })).hits).toEqual([]);
      expect((await docs.search({ vector: [1, 0] })).hits).toEqual([]);
    });

    it("are changed by update as a merge patch", async () => {
      await using db = await create();
      const docs = await db.collection("docs");
      await docs.upsert([
        { id: "1", text: { title: "t", body: "b" }, vector: [1, 0], metadata: { keep: { a: 1, b: 2 }, gone: 1 } },
      ]);
      const patch = {
        text: { body: "new", title: null },
        vector: null,
        metadata: { keep: { b: null, c: [3] }, gone: null, more: { x: null, y: 1 } },
      };
      expect(await docs.update("1", patch)).toMatchObject({ upserted: 1, deleted: 0 });
      expect(await docs.get("1")).toEqual({
        id: "1",
        text: { body: "new" },
        metadata: { keep: { a: 1, c: [3] }, more: { y: 1 } },
      });
      expect((await docs.search({ text: "new" })).hits).toHaveLength(1);
      await docs.update("1", { vector: [0, 1], text: null, metadata: null });
      expect(await docs.get("1")).toEqual({ id: "1", vector: Float32Array.from([0, 1]) });
      await expect(docs.update("2", { text: "x" })).rejects.toMatchObject({
        code: "GENNAKER_NOT_FOUND",
        details: { id: "2" },
      });
    });

    it("are deleted by id and by filter, and counted", async () => {
      await using db = await create();
      const docs = await db.collection("docs");
      await docs.upsert(Array.from({ length: 10 }, (_, i) => ({ id: `${i}`, text: "word", metadata: { n: i } })));
      expect(await docs.delete(["1", "2", "1", "missing"])).toMatchObject({ upserted: 0, deleted: 2 });
      expect(await docs.delete("3")).toMatchObject({ deleted: 1 });
      expect(await docs.deleteWhere({ n: { $gte: 8 } })).toMatchObject({ deleted: 2 });
      expect(await docs.count()).toBe(5);
      expect(await docs.count({ n: { $lt: 5 } })).toBe(2);
      expect(await docs.get(["0", "1"])).toMatchObject([{ id: "0" }, null]);
      expect((await docs.search({ text: "word", k: 100 })).hits).toHaveLength(5);
      expect(await docs.deleteWhere({})).toMatchObject({ deleted: 5 });
      expect(await docs.count()).toBe(0);
    });

    it("have ascending sequence numbers, and a batch that changes nothing takes none back", async () => {
      await using db = await create();
      const docs = await db.collection("docs");
      const first = await docs.upsert([{ id: "1" }]);
      const second = await docs.upsert([{ id: "2" }]);
      expect(second.sequence).toBeGreaterThan(first.sequence);
      expect((await docs.delete("missing")).sequence).toBeGreaterThanOrEqual(second.sequence);
      expect((await docs.upsert([])).upserted).toBe(0);
      expect(db.status().sequence).toBeGreaterThanOrEqual(second.sequence);
    });

    it("are written whole or not at all", async () => {
      await using db = await create();
      const docs = await db.collection("docs", { dimension: 2 });
      await docs.upsert([{ id: "1", metadata: { n: 1 } }]);
      const bad = docs.upsert([
        { id: "2", metadata: { m: true } },
        { id: "1", vector: [1, 2] },
        { id: "3", metadata: { n: "one" } },
      ]);
      await expect(bad).rejects.toMatchObject({
        code: "GENNAKER_INVALID_SCHEMA",
        details: { position: 2, id: "3", field: "n", inferredFrom: "1" },
      });
      expect(await collect(docs.scan())).toEqual([{ id: "1", metadata: { n: 1 } }]);
      expect((await db.collections())[0]?.schema.metadata).not.toHaveProperty("m");
    });

    it("are apart by namespace", async () => {
      await using db = await create();
      const docs = await db.collection("docs");
      const [a, b] = [docs.namespace("acme"), docs.namespace("ümlaut/..")];
      await docs.upsert([{ id: "1", text: "root word" }]);
      await a.upsert([{ id: "1", text: "acme word", vector: [1, 0] }, { id: "2" }]);
      await b.upsert([{ id: "1", text: "other word", vector: [0, 1] }]);
      expect([await docs.count(), await a.count(), await b.count()]).toEqual([1, 2, 1]);
      expect((await a.get("1"))?.text).toBe("acme word");
      expect((await a.search({ text: "word" })).hits.map((hit) => hit.text)).toEqual(["acme word"]);
      expect((await b.search({ vector: [1, 1] })).hits.map((hit) => hit.text)).toEqual(["other word"]);
      expect((await a.search({ text: "word", vector: [1, 1] })).hits.map((hit) => hit.text)).toEqual(["acme word"]);
      await a.deleteWhere({});
      expect([await docs.count(), await a.count(), await b.count()]).toEqual([1, 0, 1]);
      expect(await collect(b.scan())).toHaveLength(1);
      expect((await db.collections())[0]?.count).toBe(2);
    });

    it("need a namespace where the schema says so", async () => {
      await using db = await create();
      const docs = await db.collection("docs", { namespaces: "required" });
      for (const call of [
        docs.upsert([{ id: "1" }]),
        docs.get("1"),
        docs.count(),
        docs.search({ text: "x" }),
        docs.delete("1"),
        docs.deleteWhere({}),
      ]) {
        await expect(call).rejects.toMatchObject({ code: "GENNAKER_INVALID_NAME", details: { collection: "docs" } });
      }
      expect(() => docs.scan()).toThrow(/namespace/);
      await docs.namespace("acme").upsert([{ id: "1" }]);
      expect(await docs.namespace("acme").count()).toBe(1);
    });

    it("are scanned in order of id from one snapshot", async () => {
      await using db = await create();
      const docs = await db.collection("docs");
      const names = ["b", "a", "😀", "￿", "é", "A", ...Array.from({ length: 600 }, (_, i) => `n${i}`)];
      await docs.upsert(names.map((id) => ({ id, metadata: { odd: id.length % 2 } })));
      const seen: string[] = [];
      for await (const { id } of docs.scan()) {
        if (seen.length === 0) await docs.deleteWhere({ odd: 0 });
        seen.push(id);
      }
      const byBytes = names.toSorted((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
      expect(seen).toEqual(byBytes);
      expect(await collect(docs.scan({ filter: { odd: 0 } }))).toEqual([]);
      expect(await collect(docs.scan())).toHaveLength(await docs.count());
      for await (const _ of docs.scan()) break;
    });

    it("are written by column", async () => {
      await using db = await create();
      const docs = await db.collection("docs");
      const vectors = Float32Array.from([1, 0, 0, 1]);
      const writing = docs.upsertColumns({ ids: ["a", "b"], vectors, text: ["one", null], metadata: [null, { n: 1 }] });
      vectors.fill(9);
      expect(await writing).toMatchObject({ upserted: 2 });
      expect(await docs.get(["a", "b"])).toEqual([
        { id: "a", vector: Float32Array.from([1, 0]), text: "one" },
        { id: "b", vector: Float32Array.from([0, 1]), metadata: { n: 1 } },
      ]);
      await expect(docs.upsertColumns({ ids: ["a", "b"], vectors: new Float32Array(3) })).rejects.toMatchObject({
        code: "GENNAKER_DIMENSION_MISMATCH",
      });
      await expect(docs.upsertColumns({ ids: ["a"], text: [] })).rejects.toMatchObject({
        code: "GENNAKER_INVALID_SCHEMA",
      });
    });
  });
}
