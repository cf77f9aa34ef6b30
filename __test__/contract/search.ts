import { describe, expect, it } from "vitest";
import type { Collection, Database, DocumentInput, SearchQuery, SearchResult } from "../../src/index.ts";
import { ids, near, type Subject } from "./subject.ts";

const documents: DocumentInput[] = [
  { id: "a", text: "red apples and green apples", vector: [1, 0, 0], metadata: { kind: "fruit", n: 1 } },
  { id: "b", text: "a red car", vector: [0.8, 0.6, 0], metadata: { kind: "thing", n: 2 } },
  { id: "c", text: "green leaves of a tree", vector: [0, 1, 0], metadata: { kind: "plant", n: 3 } },
  { id: "d", text: "nothing in common", vector: [0, 0, -1], metadata: { kind: "fruit", n: 4 } },
  { id: "e", text: "an apple without a vector", metadata: { kind: "fruit", n: 5 } },
  { id: "f", vector: [0.6, 0, 0.8], metadata: { kind: "thing", n: 6 } },
];

/** Vector, text and hybrid search over a handful of documents whose answers can be checked by hand. */
export function searchContract({ name, create, capabilities }: Subject): void {
  const open = async (db: Database, metric?: "cosine" | "dot" | "l2" | "l1"): Promise<Collection> => {
    const docs = await db.collection("docs", metric ? { metric } : {});
    await docs.upsert(documents);
    return docs;
  };

  describe("vector search", () => {
    it.each<["cosine" | "dot" | "l2" | "l1", number[]]>([
      ["cosine", [1, 0.8, 0.6, 0, 0]],
      ["dot", [2, 1.6, 1.2, 0, 0]],
      ["l2", [-1, -Math.sqrt(1.8), -Math.sqrt(2.6), -Math.sqrt(5), -Math.sqrt(5)]],
      ["l1", [-1, -1.8, -2.2, -3, -3]],
    ])("scores by %s, larger is better", async (metric, scores) => {
      await using db = await create();
      const docs = await open(db, metric);
      const result = await docs.search({ vector: [2, 0, 0], recall: "exact" });
      expect(ids(result.hits)).toEqual(["a", "b", "f", "c", "d"]);
      result.hits.forEach((hit, i) => {
        expect(hit.score).toBeCloseTo(scores[i] as number, 5);
        expect(hit.scores).toEqual({ vector: hit.score });
      });
      expect(result).toMatchObject({
        engine: name,
        generation: 1,
        sequence: db.status().sequence,
        tookMs: expect.any(Number),
      });
      expect(result).not.toHaveProperty("degraded");
    });

    it("breaks ties by the bytes of the id", async () => {
      await using db = await create();
      const docs = await db.collection("docs");
      const names = ["￿", "😀", "b", "a", "é"];
      await docs.upsert(names.map((id) => ({ id, vector: [1, 1], text: "same" })));
      const expected = ["a", "b", "é", "￿", "😀"];
      expect(ids((await docs.search({ vector: [1, 0] })).hits)).toEqual(expected);
      expect(ids((await docs.search({ text: "same" })).hits)).toEqual(expected);
      expect(ids((await docs.search({ text: "same", vector: [1, 0] })).hits)).toEqual(expected);
    });

    it("takes arrays and Float32Arrays, and copies them before it returns", async () => {
      await using db = await create();
      const docs = await open(db);
      const vector = Float32Array.from([1, 0, 0]);
      const searching = docs.search({ vector, k: 1 });
      vector.set([0, 1, 0]);
      expect(ids((await searching).hits)).toEqual(["a"]);
    });
  });

  describe("text search", () => {
    it("ranks by words, stemmed, without stop words; phrases must stand together", async () => {
      await using db = await create();
      const docs = await open(db);
      expect(ids((await docs.search({ text: "apple" })).hits)).toEqual(["a", "e"]);
      expect(ids((await docs.search({ text: "the GREEN of" })).hits)).toEqual(["c", "a"]);
      expect(ids((await docs.search({ text: '"green apples"' })).hits)).toEqual(["a"]);
      expect(ids((await docs.search({ text: '"apples green"' })).hits)).toEqual([]);
      expect(ids((await docs.search({ text: "unknown" })).hits)).toEqual([]);
      expect(ids((await docs.search({ text: "" })).hits)).toEqual([]);
      expect(ids((await docs.search({ text: 'npm i -g "red' })).hits)).toEqual(["b", "a"]);
    });

    it("weighs a title four times", async () => {
      await using db = await create();
      const docs = await db.collection("docs");
      await docs.upsert([
        { id: "a", text: { body: "word other" } },
        { id: "b", text: { title: "word other" } },
      ]);
      expect(ids((await docs.search({ text: "word" })).hits)).toEqual(["b", "a"]);
    });

    it("forgets the statistics of deleted documents", async () => {
      await using db = await create();
      const docs = await db.collection("docs");
      await docs.upsert([
        { id: "a", text: "word other" },
        { id: "b", text: "another" },
      ]);
      const before = (await docs.search({ text: "word" })).hits;
      await docs.upsert(Array.from({ length: 30 }, (_, i) => ({ id: `x${i}`, text: "word word word long text" })));
      await docs.deleteWhere({ none: { $exists: false } });
      await docs.upsert([
        { id: "a", text: "word other" },
        { id: "b", text: "another" },
      ]);
      const after = (await docs.search({ text: "word" })).hits;
      expect(after[0]?.score).toBeCloseTo(before[0]?.score ?? NaN, 6);
    });
  });

  describe("hybrid search", () => {
    it("gives every hit the scores of both legs, whichever proposed it", async () => {
      await using db = await create();
      const docs = await open(db);
      const alone = new Map((await docs.search({ vector: [1, 0, 0], k: 10 })).hits.map((hit) => [hit.id, hit.score]));
      const words = new Map((await docs.search({ text: "green apple", k: 10 })).hits.map((hit) => [hit.id, hit.score]));
      for (const method of ["balanced", "convex", "rrf", "dbsf"] as const) {
        const { hits } = await docs.search({
          vector: [1, 0, 0],
          text: "green apple",
          fusion: { method, candidates: 1 },
          k: 3,
        });
        expect(hits).toHaveLength(3);
        const expected = hits.map(({ id }) => ({ vector: near(alone.get(id)), text: near(words.get(id) ?? 0) }));
        expect(hits.map((hit) => hit.scores)).toEqual(expected);
        expect(hits.map((hit) => hit.score)).toEqual(hits.map((hit) => hit.score).toSorted((x, y) => y - x));
      }
    });

    it("balances by FUSION's rule", async () => {
      await using db = await create();
      const docs = await open(db);
      const [vector, text] = [[1, 0, 0], "green apple"];
      const cosines = new Map((await docs.search({ vector, k: 10 })).hits.map((hit) => [hit.id, hit.score]));
      const words = (await docs.search({ text, k: 10 })).hits;
      const bm25 = new Map(words.map((hit) => [hit.id, hit.score]));
      const values = [...cosines.values()];
      const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
      const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
      // "green" and "apple" reach their largest impact in "a" ("apple") and in "a" or "c" ("green"): measured one by one
      const bound = (await largest(docs, "green")) + (await largest(docs, "apple"));
      for (const lambda of [0.11, 0.5]) {
        const weights = lambda === 0.11 ? {} : { weights: { vector: lambda } };
        const { hits } = await docs.search({ vector, text, k: 10, fusion: weights });
        expect(hits).toHaveLength(6);
        for (const { id, score } of hits) {
          const cosine = cosines.get(id);
          const expected =
            (bm25.get(id) ?? 0) / bound + (cosine === undefined ? 0 : (lambda * (cosine - mean)) / deviation);
          expect(score).toBeCloseTo(expected, 4);
        }
      }
    });

    it("adds reciprocal ranks", async () => {
      await using db = await create();
      const docs = await open(db);
      const { hits } = await docs.search({ vector: [1, 0, 0], text: "car", fusion: { method: "rrf", rrfK: 10 } });
      expect(hits[0]).toMatchObject({ id: "b", score: expect.closeTo(1 / 12 + 1 / 11, 6) });
      expect(hits[1]).toMatchObject({ id: "a", score: expect.closeTo(1 / 11, 6) });
    });

    it("ranks by the vector alone when no word is known", async () => {
      await using db = await create();
      const docs = await open(db);
      const { hits } = await docs.search({ vector: [1, 0, 0], text: "zzz" });
      expect(ids(hits)).toEqual(["a", "b", "f", "c", "d"]);
    });
  });

  describe("every search", () => {
    const queries: [string, SearchQuery][] = [
      ["vector", { vector: [1, 0.5, 0.1] }],
      ["text", { text: "green red apple" }],
      ["hybrid", { vector: [1, 0.5, 0.1], text: "green red apple" }],
    ];

    it.each(queries)("%s: is cut by filter, k and offset in one order", async (_, query) => {
      await using db = await create();
      const docs = await open(db);
      const all = (await docs.search({ ...query, k: 100 })).hits;
      expect(all.length).toBeGreaterThanOrEqual(4);
      for (const [k, offset] of [
        [1, 0],
        [2, 1],
        [2, 2],
        [10, 3],
        [10, 100],
      ] as const) {
        expect((await docs.search({ ...query, k, offset })).hits).toEqual(all.slice(offset, offset + k));
      }
      const filter = { $or: [{ kind: "fruit" }, { n: { $gt: 5 } }] };
      const fruit = new Set(["a", "d", "e", "f"]);
      const kept = (await docs.search({ ...query, k: 100, filter })).hits;
      expect(new Set(ids(kept))).toEqual(new Set(ids(all).filter((id) => fruit.has(id))));
      expect((await docs.search({ ...query, filter: { kind: "none" } })).hits).toEqual([]);
    });

    it.each(queries)("%s: leaves out what is below minScore", async (_, query) => {
      await using db = await create();
      const docs = await open(db);
      const all = (await docs.search(query)).hits;
      const minScore = ((all[0]?.score ?? 0) + (all[1]?.score ?? 0)) / 2;
      expect((await docs.search({ ...query, minScore })).hits).toEqual(all.slice(0, 1));
      expect((await docs.search({ ...query, minScore, offset: 1 })).hits).toEqual([]);
    });

    it.each(queries)("%s: returns what include asks for", async (_, query) => {
      await using db = await create();
      const docs = await open(db);
      const [hit] = (await docs.search({ ...query, filter: { n: 1 } })).hits;
      expect(hit).toMatchObject({ id: "a", text: "red apples and green apples", metadata: { kind: "fruit", n: 1 } });
      expect(hit).not.toHaveProperty("vector");
      const [bare] = (
        await docs.search({ ...query, filter: { n: 1 }, include: { text: false, metadata: false, vector: true } })
      ).hits;
      expect(Object.keys(bare ?? {}).toSorted()).toEqual(["id", "score", "scores", "vector"]);
      expect(bare?.vector).toEqual(Float32Array.from([1, 0, 0]));
    });

    it("gives the same answers one by one, together and synchronously", async (context) => {
      await using db = await create();
      const docs = await open(db);
      const strip = (result: SearchResult): SearchResult => ({ ...result, tookMs: 0 });
      const single = await Promise.all(queries.map(async ([, query]) => strip(await docs.search(query))));
      expect((await docs.searchMany(queries.map(([, query]) => query))).map(strip)).toEqual(single);
      expect(await docs.searchMany([])).toEqual([]);
      context.skip(!capabilities.sync, "this engine has no searchSync");
      expect(queries.map(([, query]) => strip(docs.searchSync(query)))).toEqual(single);
    });

    it("finds nothing in an empty collection", async () => {
      await using db = await create();
      const docs = await db.collection("docs");
      for (const [, query] of queries) expect((await docs.search(query)).hits).toEqual([]);
    });

    it("serves only the engine that is demanded", async () => {
      await using db = await create();
      const docs = await open(db);
      expect((await docs.search({ text: "apple", engine: name })).engine).toBe(name);
      await expect(docs.search({ text: "apple", engine: "other" })).rejects.toMatchObject({
        code: "GENNAKER_ENGINE_UNAVAILABLE",
      });
    });
  });

  describe("the built-in embedder", () => {
    it("makes hybrid search of text at once, from the second document on", async () => {
      await using db = await create();
      const docs = await db.collection("docs", { embed: "lsa" });
      await docs.upsert([
        { id: "1", text: "Abort a fetch with an AbortController", metadata: { lang: "js" } },
        { id: "2", text: "Cancel a running query after a timeout", metadata: { lang: "sql" } },
        { id: "3", metadata: { lang: "none" } },
      ]);
      const { hits } = await docs.search({ text: "abort a request" });
      expect(hits[0]).toMatchObject({ id: "1", scores: { vector: expect.any(Number), text: expect.any(Number) } });
      expect(hits[0]?.scores.vector).toBeGreaterThan(0.3);
      expect(ids((await docs.search({ text: "abort a request", filter: { lang: "sql" } })).hits)).not.toContain("1");
      expect(await docs.get("1")).toEqual({
        id: "1",
        text: "Abort a fetch with an AbortController",
        metadata: { lang: "js" },
      });
      expect((await docs.search({ text: "xyzzy" })).hits).toEqual([]);
      expect((await db.collections())[0]?.schema).toMatchObject({ dimension: 128, embedding: { kind: "lsa" } });
    });
  });

  /** The largest impact of one word: a query of it alone scores exactly that at the top. */
  async function largest(docs: Collection, word: string): Promise<number> {
    return (await docs.search({ text: word, k: 1 })).hits[0]?.score ?? 0;
  }
}
