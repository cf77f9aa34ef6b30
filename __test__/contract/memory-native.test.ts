import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { open, type DocumentInput, type SearchQuery, type SearchResult } from "../../src/index.ts";
import { nativeSubject } from "./native-subject.ts";

const RUNS = 60;
const SEED = 42;
const WORDS = "run runs running runner fast faster the of and house houses tree getUserName x 東京都 café CAFE".split(
  " ",
);

const { missing = "" } = await nativeSubject();
const component = fc.integer({ min: -4, max: 4 }).map((x) => x / 4);
const vector = fc.array(component, { minLength: 3, maxLength: 3 }).filter((x) => x.some((one) => one !== 0));
const words = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 12 }).map((list) => list.join(" "));
const document = fc.record(
  {
    vector,
    text: fc.oneof(words, fc.record({ title: words, body: words }), fc.record({ title: words })),
    metadata: fc.record(
      { n: fc.integer({ min: 0, max: 4 }), s: fc.constantFrom("a", "b", "é"), l: fc.subarray(["x", "y", "z"]) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);
const documents = fc
  .array(document, { minLength: 1, maxLength: 30 })
  .map((list): DocumentInput[] => list.map((one, i) => ({ id: `d${(i * 7919) % 1000}`, ...one })));
const condition = fc.oneof(
  fc.record({ n: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ n: fc.record({ $gte: fc.integer({ min: 0, max: 4 }) }) }),
  fc.record({ s: fc.record({ $in: fc.subarray(["a", "b", "é", "c"]) }) }),
  fc.record({ l: fc.record({ $contains: fc.constantFrom("x", "y") }) }),
  fc.record({ s: fc.record({ $exists: fc.boolean() }) }),
  fc.record({ n: fc.record({ $ne: fc.integer({ min: 0, max: 4 }) }) }),
);
const filter = fc.oneof(
  condition,
  fc.record({ $or: fc.array(condition, { minLength: 1, maxLength: 3 }) }),
  fc.record({ $not: condition }),
);
const fusion = fc.record(
  {
    method: fc.constantFrom("balanced" as const, "convex" as const, "rrf" as const, "dbsf" as const),
    weights: fc.record({ vector: fc.constantFrom(0, 0.3, 2), text: fc.constantFrom(0.5, 1) }, { requiredKeys: [] }),
    rrfK: fc.integer({ min: 1, max: 100 }),
    candidates: fc.integer({ min: 1, max: 10 }),
  },
  { requiredKeys: [] },
);
const query: fc.Arbitrary<SearchQuery> = fc
  .record({
    legs: fc.oneof(
      fc.record({ vector }),
      fc.record({
        text: fc.oneof(
          words,
          words.map((text) => `"${text}"`),
        ),
      }),
      fc.record({ vector, text: words }),
    ),
    rest: fc.record(
      { filter, fusion, k: fc.integer({ min: 1, max: 40 }), offset: fc.integer({ min: 0, max: 5 }) },
      { requiredKeys: [] },
    ),
  })
  .map(({ legs, rest }) => ({ ...legs, ...rest }));
const batch = fc.record({
  metric: fc.constantFrom("cosine" as const, "dot" as const, "l2" as const, "l1" as const),
  documents,
  deleted: fc.subarray([0, 3, 5, 8, 13, 21]),
  queries: fc.array(query, { minLength: 1, maxLength: 8 }),
});

describe("memory and native", () => {
  it("give the same documents the same scores in the same order", async (context) => {
    context.skip(missing !== "", missing);
    const property = fc.asyncProperty(batch, async ({ metric, documents, deleted, queries }) => {
      await using memory = await open(":memory:", { engine: "memory" });
      await using native = await open(":memory:", { engine: "native" });
      const answers = await Promise.all(
        [memory, native].map(async (db) => {
          const docs = await db.collection("docs", { metric });
          await docs.upsert(documents);
          await docs.delete(deleted.map((i) => documents[i]?.id).filter((id) => id !== undefined));
          return await docs.searchMany(queries);
        }),
      );
      compare(answers[0] ?? [], answers[1] ?? []);
    });
    await expect(fc.assert(property, { numRuns: RUNS, seed: SEED })).resolves.toBeUndefined();
  });
});

/** Equal scores rank for rank; equal ids wherever the neighbours' scores differ by more than rounding. */
function compare(left: readonly SearchResult[], right: readonly SearchResult[]): void {
  expect(right.length).toBe(left.length);
  left.forEach(({ hits }, i) => {
    const others = right[i]?.hits ?? [];
    expect(others.map((hit) => hit.score)).toEqual(hits.map((hit) => expect.closeTo(hit.score, 5) as number));
    const byId = new Map(others.map((hit) => [hit.id, hit]));
    hits.forEach((hit, rank) => {
      const isTied = [hits[rank - 1], hits[rank + 1]].some((near) => near && Math.abs(near.score - hit.score) < 1e-5);
      const other = isTied || rank === hits.length - 1 ? (byId.get(hit.id) ?? hit) : others[rank];
      expect(other?.id).toBe(hit.id);
      expect(other?.scores).toEqual(
        Object.fromEntries(Object.entries(hit.scores).map(([leg, score]) => [leg, expect.closeTo(score, 5)])),
      );
      expect([other?.text, other?.metadata]).toEqual([hit.text, hit.metadata]);
    });
  });
}
