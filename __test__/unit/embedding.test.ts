import { describe, expect, it } from "vitest";
import { AbortError, open, toEmbedder, type Embedder } from "../../src/index.ts";
import { embedTexts } from "../../src/embedding/embed.ts";

/** Two numbers that depend on the text alone. */
const vectorOf = (text: string): number[] => [text.length, text.charCodeAt(0) || 1];

class MistralEmbeddings {
  model = "m-1";
  embedDocuments = async (texts: string[]): Promise<number[][]> => texts.map(vectorOf);
  embedQuery = async (text: string): Promise<number[]> => vectorOf(`q${text}`);
}
class LlamaEmbedding {
  model = "l-1";
  getTextEmbeddings = async (texts: string[]): Promise<number[][]> => texts.map(vectorOf);
  getQueryEmbedding = async ({ text }: { text: string }): Promise<number[]> => vectorOf(`q${text}`);
}
const aiSdk = {
  specificationVersion: "v3",
  provider: "openai",
  modelId: "small",
  maxEmbeddingsPerCall: 2,
  supportsParallelCalls: true,
  doEmbed: async ({ values }: { values: string[] }) => ({ embeddings: values.map(vectorOf) }),
};
const chroma = { name: "default", generate: async (texts: string[]) => texts.map(vectorOf) };
const lance = {
  ndims: () => 2,
  computeSourceEmbeddings: async (texts: string[]) => texts.map(vectorOf),
  computeQueryEmbeddings: async (text: string) => Float32Array.from(vectorOf(`q${text}`)),
};
const pipeline = Object.assign(
  async (texts: string[]) => ({ dims: [texts.length, 2], data: Float32Array.from(texts.flatMap(vectorOf)) }),
  {
    task: "feature-extraction",
    model: { config: { _name_or_path: "all-MiniLM-L6-v2" } },
  },
);
const plain = async function words(texts: readonly string[]) {
  return texts.map(vectorOf);
};

describe("toEmbedder", () => {
  it.each<[string, unknown, Partial<Embedder>, boolean]>([
    ["AI SDK", aiSdk, { id: "openai:small", maxBatch: 2, parallel: 4 }, false],
    ["LangChain", new MistralEmbeddings(), { id: "MistralEmbeddings:m-1" }, true],
    ["LlamaIndex", new LlamaEmbedding(), { id: "LlamaEmbedding:l-1" }, true],
    ["Chroma", chroma, { id: "default" }, false],
    ["transformers.js", pipeline, { id: "transformers.js:all-MiniLM-L6-v2" }, false],
    ["a function", plain, { id: "words" }, false],
    ["an Embedder", { id: "own", dimensions: 2, embed: plain }, { id: "own", dimensions: 2 }, false],
  ])("takes %s", async (_, source, expected, hasQuery) => {
    const embedder = toEmbedder(source);
    expect(embedder).toMatchObject(expected);
    const rows = await embedTexts(embedder, ["one", "three", "x"], "document");
    expect(rows.map((row) => [...row])).toEqual([vectorOf("one"), vectorOf("three"), vectorOf("x")]);
    const [query] = await embedTexts(embedder, ["one"], "query");
    expect([...(query ?? [])]).toEqual(vectorOf(hasQuery ? "qone" : "one"));
  });

  it("takes LanceDB functions with a name, since a plain object has none", async () => {
    expect(() => toEmbedder(lance)).toThrow(/no name/);
    expect(toEmbedder(lance, { id: "lance" })).toMatchObject({ id: "lance", dimensions: 2 });
  });

  it("calls everything else a wrong type", () => {
    for (const source of [null, undefined, "openai", 5, {}, { embed: 1 }])
      expect(() => toEmbedder(source)).toThrow(TypeError);
    expect(() => toEmbedder(async () => [])).toThrow(/no name/);
  });
});

describe("embedTexts", () => {
  const failing: [string, Embedder["embed"]][] = [
    [
      "a throw",
      async () => {
        throw new Error("quota");
      },
    ],
    ["too few rows", async () => [[1, 2]]],
    ["no rows", async () => ({}) as never],
    ["rows of no numbers", async () => ["a", "b"] as never],
    [
      "NaN",
      async () => [
        [1, NaN],
        [1, 2],
      ],
    ],
    ["rows of two lengths", async () => [[1], [1, 2]]],
    ["empty rows", async () => [[], []]],
    ["a flat array that does not divide", async () => new Float32Array(3)],
  ];
  it.each(failing)("names the embedder on %s", async (_, embed) => {
    const failure = embedTexts({ id: "bad", embed }, ["a", "b"], "document");
    await expect(failure).rejects.toMatchObject({ code: "GENNAKER_EMBEDDER_FAILED", details: { embedder: "bad" } });
  });

  it("cuts batches, runs as many as allowed at once and keeps the order", async () => {
    let [now, most] = [0, 0];
    const sizes: number[] = [];
    const embedder: Embedder = {
      id: "e",
      maxBatch: 3,
      parallel: 2,
      async embed(texts) {
        sizes.push(texts.length);
        most = Math.max(most, ++now);
        await new Promise((done) => setTimeout(done, 2));
        now -= 1;
        return Float32Array.from(texts.flatMap(vectorOf));
      },
    };
    const texts = Array.from({ length: 8 }, (_, i) => "x".repeat(i + 1));
    const rows = await embedTexts(embedder, texts, "document");
    expect(rows.map((row) => row[0])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect([sizes.toSorted((a, b) => a - b), most]).toEqual([[2, 3, 3], 2]);
  });

  it("rejects with AbortError when the signal was used", async () => {
    const controller = new AbortController();
    const embedder: Embedder = {
      id: "e",
      embed: async () => {
        controller.abort("enough");
        throw new Error("stopped");
      },
    };
    await expect(embedTexts(embedder, ["a"], "query", controller.signal)).rejects.toBeInstanceOf(AbortError);
  });
});

describe("a collection with an embedder", () => {
  const embed = { id: "test@1", dimensions: 2, embed: async (texts: readonly string[]) => texts.map(vectorOf) };

  it("embeds texts and queries, and records the identity", async () => {
    await using db = await open(":memory:", { engine: "memory" });
    const docs = await db.collection("docs", { embed, metric: "l2" });
    await docs.upsert([{ id: "a", text: "aaa" }, { id: "b", text: "b", vector: [9, 9] }, { id: "c" }]);
    expect((await docs.get("a"))?.vector).toEqual(Float32Array.from(vectorOf("aaa")));
    expect((await docs.get("b"))?.vector).toEqual(Float32Array.from([9, 9]));
    expect((await docs.get("c"))?.vector).toBeUndefined();
    const { hits } = await docs.search({ text: "aaa" });
    expect(hits[0]).toMatchObject({ id: "a", scores: { vector: expect.closeTo(0), text: expect.any(Number) } });
    expect((await db.collections())[0]?.schema).toMatchObject({
      dimension: 2,
      embedding: { kind: "external", id: "test@1" },
    });
    const again = db.collection("docs", { embed: { ...embed, id: "test@2" } });
    await expect(again).rejects.toMatchObject({
      code: "GENNAKER_EMBEDDER_MISMATCH",
      details: { expected: "test@1", actual: "test@2" },
    });
    expect(() => docs.searchSync({ text: "aaa" })).toThrow(/searchSync/);
  });

  it("embeds a changed text anew, also when only a field changed, and drops the vector with the text", async () => {
    await using db = await open(":memory:", { engine: "memory" });
    const docs = await db.collection("docs", { embed, metric: "l2" });
    await docs.upsert([{ id: "a", text: { title: "t", body: "bb" } }]);
    await docs.update("a", { text: { body: "cccc" } });
    expect(await docs.get("a")).toMatchObject({
      text: { title: "t", body: "cccc" },
      vector: Float32Array.from(vectorOf("t\ncccc")),
    });
    await docs.update("a", { metadata: { n: 1 } });
    expect((await docs.get("a"))?.vector).toEqual(Float32Array.from(vectorOf("t\ncccc")));
    await docs.update("a", { text: null });
    expect(await docs.get("a")).toEqual({ id: "a", metadata: { n: 1 } });
  });

  it("builds a generation with another embedder, and refuses to carry documents of the old one", async () => {
    await using db = await open(":memory:", { engine: "memory" });
    const docs = await db.collection("docs", { embed });
    await docs.upsert([{ id: "a", text: "aaa" }]);
    const other = {
      id: "test@2",
      dimensions: 3,
      embed: async (texts: readonly string[]) => texts.map((text) => [1, 2, text.length]),
    };
    const next = await db.generations.begin({ from: "empty" });
    await (await next.collection("docs", { embed: other })).upsert([{ id: "a", text: "aaa" }]);
    await next.seal();
    await docs.upsert([{ id: "late", text: "l" }]);
    await expect(next.promote()).rejects.toMatchObject({ code: "GENNAKER_GATE_REFUSED", details: { ids: ["late"] } });
    expect(await docs.count()).toBe(2);
  });
});
