import assert from "node:assert/strict";
import type { Collection } from "../../src/database/collection.ts";
import type { SearchQuery, SearchResult } from "../../src/model.ts";
import { highlighted, say } from "./show.ts";

/** One question with its answer, asked again later to see that nothing has changed. */
export interface Asked {
  readonly query: SearchQuery;
  readonly result: SearchResult;
}

/** Asks in every way that a query can be asked; prints the hits and returns the answers. */
export async function askAll(docs: Collection): Promise<Asked[]> {
  const asked: Asked[] = [];
  const ask = async (title: string, query: SearchQuery, words = ""): Promise<SearchResult> => {
    const result = await docs.search({ k: 3, ...query });
    assert.ok(result.hits.length > 0, `no hits for ${title}`);
    asked.push({ query: { k: 3, ...query }, result });
    say(highlighted(title, result, words));
    return result;
  };

  const hybrid = "cancel a running request with an abort signal";
  const best = await ask(
    `hybrid: by words and by meaning: "${hybrid}"`,
    { text: hybrid, include: { vector: true } },
    hybrid,
  );
  const exact = "createReadStream highWaterMark";
  await ask(`text: BM25 alone: "${exact}"`, { text: exact, fusion: { weights: { vector: 0 } } }, exact);

  const [first] = best.hits;
  assert.ok(first?.vector, "a hit of a collection with an embedder has a vector");
  await ask(`vector: what is nearest to the first hit above, ${first.id}?`, { vector: first.vector });

  const filtered = "compress a stream";
  await ask(
    `filter: { kind: "api", package: { $in: ["@types/node", "fflate"] } }: "${filtered}"`,
    { text: filtered, filter: { kind: "api", package: { $in: ["@types/node", "fflate"] } } },
    filtered,
  );
  const readme = "how do I get started with property based testing?";
  await ask(
    `hybrid with a filter: { kind: "readme" }: "${readme}"`,
    { text: readme, filter: { kind: "readme" } },
    readme,
  );
  return asked;
}

/** Asks again and fails unless every hit comes back with the same score. Time and sequence may differ. */
export async function expectSame(docs: Collection, before: readonly Asked[]): Promise<void> {
  for (const { query, result } of before) {
    const again = await docs.search(query);
    assert.deepEqual(again.hits, result.hits);
    assert.equal(again.generation, result.generation);
  }
}
