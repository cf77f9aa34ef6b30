import { describe, expect, it } from "vitest";
import type { Collection, Database, JsonObject } from "../../src/index.ts";
import { codeOf, contents, type Subject } from "./subject.ts";

type Call = (docs: Collection, db: Database) => Promise<unknown>;

const nested = (levels: number): JsonObject => {
  let value: JsonObject = {};
  for (let i = 1; i < levels; i++) value = { a: value };
  return value;
};
const cyclic: Record<string, unknown> = {};
cyclic["self"] = cyclic;

const cases: [what: string, code: string, call: Call][] = [
  ["a wrong dimension", "DIMENSION_MISMATCH", (docs) => docs.upsert([{ id: "n", vector: [1, 2, 3] }])],
  ["an empty vector", "DIMENSION_MISMATCH", (docs) => docs.upsert([{ id: "n", vector: [] }])],
  ["4,097 components", "LIMIT_EXCEEDED", (docs) => docs.upsert([{ id: "n", vector: new Float32Array(4097).fill(1) }])],
  ["NaN in a vector", "NOT_FINITE", (docs) => docs.upsert([{ id: "n", vector: [1, NaN] }])],
  [
    "infinity in a vector",
    "NOT_FINITE",
    (docs) => docs.upsert([{ id: "n", vector: Float32Array.from([1, Infinity]) }]),
  ],
  ["a number that no f32 holds", "NOT_FINITE", (docs) => docs.upsert([{ id: "n", vector: [1, 1e39] }])],
  ["a zero vector under cosine", "ZERO_VECTOR", (docs) => docs.upsert([{ id: "n", vector: [0, -0] }])],
  ["a string as vector", "TypeError", (docs) => docs.upsert([{ id: "n", vector: "1,2" as never }])],
  ["strings in a vector", "TypeError", (docs) => docs.upsert([{ id: "n", vector: [1, "2"] as never }])],
  [
    "a sparse vector",
    "UNSUPPORTED",
    (docs) => docs.upsert([{ id: "n", vector: { indices: new Uint32Array(1), values: new Float32Array(1) } }]),
  ],
  ["a binary vector", "UNSUPPORTED", (docs) => docs.upsert([{ id: "n", vector: new Uint8Array(2) }])],
  ["named vectors", "UNSUPPORTED", (docs) => docs.upsert([{ id: "n", vectors: { image: [1, 2] } }])],
  ["an empty id", "INVALID_ID", (docs) => docs.upsert([{ id: "" }])],
  ["an id of 1,025 bytes", "INVALID_ID", (docs) => docs.upsert([{ id: `${"é".repeat(512)}x` }])],
  ["a lone surrogate in an id", "INVALID_ID", (docs) => docs.upsert([{ id: "a\ud800" }])],
  ["a number as id", "TypeError", (docs) => docs.upsert([{ id: 5 as never }])],
  ["an id twice", "INVALID_ID", (docs) => docs.upsert([{ id: "n" }, { id: "m" }, { id: "n" }])],
  ["a lone surrogate in a text", "INVALID_SCHEMA", (docs) => docs.upsert([{ id: "n", text: "\udc00" }])],
  ["a lone surrogate in metadata", "INVALID_SCHEMA", (docs) => docs.upsert([{ id: "n", metadata: { a: ["\ud800"] } }])],
  ["a lone surrogate in a key", "INVALID_SCHEMA", (docs) => docs.upsert([{ id: "n", metadata: { "\ud800": 1 } }])],
  ["a number as text", "TypeError", (docs) => docs.upsert([{ id: "n", text: 5 as never }])],
  ["a number in a text field", "TypeError", (docs) => docs.upsert([{ id: "n", text: { title: 5 as never } }])],
  ["an unknown key of a document", "INVALID_SCHEMA", (docs) => docs.upsert([{ id: "n", vektor: [1] } as never])],
  ["metadata of 33 levels", "LIMIT_EXCEEDED", (docs) => docs.upsert([{ id: "n", metadata: nested(33) }])],
  ["metadata of 100,000 levels", "LIMIT_EXCEEDED", (docs) => docs.upsert([{ id: "n", metadata: nested(100_000) }])],
  ["metadata that holds itself", "LIMIT_EXCEEDED", (docs) => docs.upsert([{ id: "n", metadata: cyclic }])],
  [
    "metadata above 1 MiB",
    "LIMIT_EXCEEDED",
    (docs) => docs.upsert([{ id: "n", metadata: { a: "x".repeat(1 << 20) } }]),
  ],
  ["an array as metadata", "TypeError", (docs) => docs.upsert([{ id: "n", metadata: [] as never }])],
  ["a bigint in metadata", "INVALID_SCHEMA", (docs) => docs.upsert([{ id: "n", metadata: { a: 1n } }])],
  ["a function in metadata", "INVALID_SCHEMA", (docs) => docs.upsert([{ id: "n", metadata: { a: () => 1 } }])],
  ["NaN in metadata", "INVALID_SCHEMA", (docs) => docs.upsert([{ id: "n", metadata: { a: NaN } }])],
  ["undefined in an array", "INVALID_SCHEMA", (docs) => docs.upsert([{ id: "n", metadata: { a: [undefined] } }])],
  ["a Map in metadata", "INVALID_SCHEMA", (docs) => docs.upsert([{ id: "n", metadata: { a: new Map() } }])],
  ["an invalid date", "INVALID_SCHEMA", (docs) => docs.upsert([{ id: "n", metadata: { a: new Date(NaN) } }])],
  [
    "another type than the first document's",
    "INVALID_SCHEMA",
    (docs) => docs.upsert([{ id: "n", metadata: { n: "one" } }]),
  ],
  ["no array of documents", "TypeError", (docs) => docs.upsert({ id: "n" } as never)],
  ["null as document", "TypeError", (docs) => docs.upsert([null as never])],
  [
    "100,001 documents",
    "LIMIT_EXCEEDED",
    (docs) => docs.upsert(Array.from({ length: 100_001 }, (_, i) => ({ id: `${i}` }))),
  ],
  ["an unknown durability", "INVALID_QUERY", (docs) => docs.upsert([{ id: "n" }], { durability: "later" as never })],
  ["a patch of a missing document", "NOT_FOUND", (docs) => docs.update("missing", { text: "x" })],
  ["a patch of another dimension", "DIMENSION_MISMATCH", (docs) => docs.update("1", { vector: [1] })],
  ["a patch of another type", "INVALID_SCHEMA", (docs) => docs.update("1", { metadata: { n: true } })],
  ["an unknown key of a patch", "INVALID_SCHEMA", (docs) => docs.update("1", { id: "2" } as never)],
  ["an empty id to get", "INVALID_ID", (docs) => docs.get([""])],
  ["a number to delete", "TypeError", (docs) => docs.delete(5 as never)],
  ["an unknown operator", "INVALID_FILTER", (docs) => docs.deleteWhere({ n: { $regex: "." } })],
  ["an undefined value in a filter", "INVALID_FILTER", (docs) => docs.deleteWhere({ n: undefined })],
  ["an undefined filter", "INVALID_FILTER", (docs) => docs.deleteWhere(undefined as never)],
  ["NaN in a filter", "INVALID_FILTER", (docs) => docs.count({ n: NaN })],
  ["a filter of 100,000 levels", "LIMIT_EXCEEDED", (docs) => docs.count({ a: nested(100_000) })],
  ["k of 0", "INVALID_QUERY", (docs) => docs.search({ text: "x", k: 0 })],
  ["k of -1", "INVALID_QUERY", (docs) => docs.search({ text: "x", k: -1 })],
  ["k of 1.5", "INVALID_QUERY", (docs) => docs.search({ text: "x", k: 1.5 })],
  ["k of 10,001", "INVALID_QUERY", (docs) => docs.search({ text: "x", k: 10_001 })],
  ["k as a string", "TypeError", (docs) => docs.search({ text: "x", k: "5" as never })],
  ["offset + k of 10,001", "INVALID_QUERY", (docs) => docs.search({ text: "x", k: 1, offset: 10_000 })],
  ["a negative offset", "INVALID_QUERY", (docs) => docs.search({ text: "x", offset: -1 })],
  ["recall of 1", "INVALID_QUERY", (docs) => docs.search({ text: "x", recall: 1 })],
  ["minScore of NaN", "INVALID_QUERY", (docs) => docs.search({ text: "x", minScore: NaN })],
  ["an unknown fusion", "INVALID_QUERY", (docs) => docs.search({ text: "x", fusion: { method: "sum" as never } })],
  ["a negative weight", "INVALID_QUERY", (docs) => docs.search({ text: "x", fusion: { weights: { vector: -1 } } })],
  ["an unknown option of a search", "INVALID_QUERY", (docs) => docs.search({ text: "x", limit: 5 } as never)],
  [
    "an unknown part to include",
    "INVALID_QUERY",
    (docs) => docs.search({ text: "x", include: { vectors: true } as never }),
  ],
  ["a search for nothing", "INVALID_QUERY", (docs) => docs.search({})],
  ["a query vector of another dimension", "DIMENSION_MISMATCH", (docs) => docs.search({ vector: [1, 2, 3] })],
  ["a zero query vector under cosine", "ZERO_VECTOR", (docs) => docs.search({ vector: [0, 0] })],
  ["NaN in a query vector", "NOT_FINITE", (docs) => docs.search({ vector: [NaN, 1] })],
  ["a query text above 64 KiB", "LIMIT_EXCEEDED", (docs) => docs.search({ text: "x".repeat(65_537) })],
  ["a lone surrogate in a query", "INVALID_QUERY", (docs) => docs.search({ text: "\ud800" })],
  ["a query tree", "UNSUPPORTED", (docs) => docs.search({ text: { words: "x" } })],
  ["mmr", "UNSUPPORTED", (docs) => docs.search({ text: "x", mmr: { lambda: 0.5 } })],
  ["groupBy", "UNSUPPORTED", (docs) => docs.search({ text: "x", groupBy: { field: "n" } })],
  ["facets", "UNSUPPORTED", (docs) => docs.search({ text: "x", facets: ["n"] })],
  ["highlight", "UNSUPPORTED", (docs) => docs.search({ text: "x", highlight: true })],
  ["rerank", "UNSUPPORTED", (docs) => docs.search({ text: "x", rerank: {} })],
  ["after", "UNSUPPORTED", (docs) => docs.search({ text: "x", after: "cursor" })],
  ["explain", "UNSUPPORTED", (docs) => docs.search({ text: "x", explain: true })],
  ["a generation of 0", "INVALID_QUERY", (docs) => docs.search({ text: "x", generation: 0 })],
  [
    "queries for two generations at once",
    "INVALID_QUERY",
    (docs) => docs.searchMany([{ text: "x", generation: 1 }, { text: "x" }]),
  ],
  ["a timeout of 0", "INVALID_QUERY", (docs) => docs.search({ text: "x", timeoutMs: 0 })],
  ["a timeout as a string", "TypeError", (docs) => docs.search({ text: "x", timeoutMs: "5" as never })],
  ["a signal that is none", "TypeError", (docs) => docs.search({ text: "x", signal: {} as never })],
  ["a path as collection", "INVALID_NAME", (_, db) => db.collection("../docs")],
  ["an empty name", "INVALID_NAME", (_, db) => db.collection("")],
  ["a name of 129 letters", "INVALID_NAME", (_, db) => db.collection("x".repeat(129))],
  ["a name of a device", "INVALID_NAME", (_, db) => db.collection("COM1.txt")],
  ["a name that ends with a dot", "INVALID_NAME", (_, db) => db.collection("docs.")],
  ["__proto__/.. as name", "INVALID_NAME", (_, db) => db.collection("__proto__/..")],
  ["a number as name", "TypeError", (_, db) => db.collection(5 as never)],
  ["an empty namespace", "INVALID_NAME", async (docs) => docs.namespace("")],
  ["a namespace of 1,025 bytes", "INVALID_NAME", async (docs) => docs.namespace("x".repeat(1025))],
  ["a lone surrogate in a namespace", "INVALID_NAME", async (docs) => docs.namespace("\ud800")],
  ["a collection to drop that is not there", "NOT_FOUND", (_, db) => db.dropCollection("missing")],
];

/** Every bad input has its typed error, and nothing is changed. */
export function badInputContract({ create }: Subject): void {
  describe("bad input", () => {
    it.each(cases)("%s is %s", async (_, code, call) => {
      await using db = await create();
      const docs = await db.collection("docs");
      await docs.upsert([{ id: "1", vector: [1, 2], text: "x", metadata: { n: 1 } }]);
      const before = await contents(db);
      expect(await codeOf(() => call(docs, db))).toBe(code === "TypeError" ? code : `GENNAKER_${code}`);
      expect(await contents(db)).toEqual(before);
    });

    it("names the position and the values", async () => {
      await using db = await create();
      const docs = await db.collection("docs", { dimension: 2 });
      const error = await docs.upsert([{ id: "a" }, { id: "b", vector: [1, 2, 3] }]).catch((caught: unknown) => caught);
      expect(error).toMatchObject({
        name: "GennakerError",
        retryable: false,
        details: { position: 1, id: "b", actual: 3, expected: 2 },
      });
      expect((error as Error).message).toMatch(/3 dimensions.*2/);
    });

    it("leaves 32 levels, __proto__ and strange names alone", async () => {
      await using db = await create();
      const docs = await db.collection("__proto__");
      const metadata = nested(32);
      await docs.namespace("__proto__").upsert([{ id: "__proto__", metadata }]);
      expect(await docs.namespace("__proto__").get("__proto__")).toEqual({ id: "__proto__", metadata });
      expect((await db.collections())[0]?.name).toBe("__proto__");
      expect(Object.keys((await db.stats()).collections)).toEqual(["__proto__"]);
    });
  });
}
