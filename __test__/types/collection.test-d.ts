/** Compiled by `tsc`, never run: each `@ts-expect-error` fails the check when its line compiles. */
import { expectTypeOf } from "vitest";
import type {
  Collection,
  Database,
  Document,
  GeoPoint,
  Hit,
  JsonObject,
  JsonValue,
  SearchResult,
} from "../../src/index.ts";

declare const db: Database;

export async function declaredMetadata(): Promise<void> {
  const docs = await db.collection("docs", {
    dimension: 3,
    metadata: {
      lang: "string",
      year: "int",
      tags: "string[]",
      draft: "bool",
      day: "date",
      place: "geo",
      raw: "json",
      secret: { type: "string", filterable: false },
    },
  });
  type Meta = {
    lang?: string | null;
    year?: number | null;
    tags?: string[] | null;
    draft?: boolean | null;
    day?: string | null;
    place?: GeoPoint | null;
    raw?: JsonValue;
    secret?: string | null;
  };
  expectTypeOf(docs).toEqualTypeOf<Collection<Meta>>();
  expectTypeOf((await docs.search({ text: "x" })).hits[0]?.metadata?.year).toEqualTypeOf<number | null | undefined>();
  expectTypeOf(await docs.get("1")).toEqualTypeOf<Document<Meta> | null>();
  expectTypeOf(await docs.get(["1"])).toEqualTypeOf<(Document<Meta> | null)[]>();
  expectTypeOf(docs.namespace("acme")).toEqualTypeOf(docs);

  await docs.search({
    text: "x",
    filter: { lang: "js", year: { $gte: 2020, $lt: 2025 }, tags: { $contains: "a" }, draft: { $ne: true } },
  });
  await docs.search({
    text: "x",
    filter: { $or: [{ lang: { $in: ["js", null] } }, { $not: { year: { $exists: true } } }] },
  });
  await docs.search({
    text: "x",
    filter: { day: { $gt: new Date() }, "raw.deep.inside": { $startsWith: "a" }, raw: { a: 1 } },
  });
  // @ts-expect-error a field that was not declared
  await docs.search({ text: "x", filter: { langue: "js" } });
  // @ts-expect-error a string field compared with a number
  await docs.search({ text: "x", filter: { lang: 5 } });
  // @ts-expect-error an operator that strings do not have
  await docs.search({ text: "x", filter: { lang: { $near: { lat: 0, lon: 0, radiusMeters: 1 } } } });
  // @ts-expect-error numbers have no prefix
  await docs.search({ text: "x", filter: { year: { $startsWith: "20" } } });
  // @ts-expect-error booleans have no order
  await docs.search({ text: "x", filter: { draft: { $gt: false } } });
  // @ts-expect-error an operator that does not exist
  await docs.search({ text: "x", filter: { year: { $regex: "." } } });
  // @ts-expect-error wrong inside $and
  await docs.count({ $and: [{ year: "2020" }] });
  // @ts-expect-error a path into a field that is no JSON
  await docs.count({ "lang.x": 1 });

  await docs.upsert([{ id: "1", metadata: { lang: "js", day: new Date(), year: 2024 } }, { id: "2" }]);
  // @ts-expect-error metadata of another type
  await docs.upsert([{ id: "1", metadata: { year: "2024" } }]);
  // @ts-expect-error metadata that was not declared
  await docs.upsert([{ id: "1", metadata: { langue: "js" } }]);
  await docs.update("1", { metadata: { lang: null }, vector: null });
}

export async function namedMetadata(): Promise<void> {
  interface Meta {
    lang: string;
    nested?: { a: number };
  }
  const docs = await db.collection<Meta>("docs");
  expectTypeOf(docs).toEqualTypeOf<Collection<Meta>>();
  expectTypeOf((await docs.search({ text: "x" })).hits[0]).toEqualTypeOf<Hit<Meta> | undefined>();
  await docs.search({ text: "x", filter: { lang: { $startsWith: "j" }, "nested.a": 1 } });
  // @ts-expect-error a field that the type does not have
  await docs.search({ text: "x", filter: { other: 1 } });
  // @ts-expect-error metadata lacks a required field
  await docs.upsert([{ id: "1", metadata: {} }]);
}

export async function openMetadata(): Promise<void> {
  const docs = await db.collection("docs", { embed: "lsa" });
  expectTypeOf(docs).toEqualTypeOf<Collection<JsonObject>>();
  expectTypeOf(await docs.search({ text: "x" })).toEqualTypeOf<SearchResult<JsonObject>>();
  await docs.search({
    text: "x",
    filter: { anything: { $gt: 5 }, "a.b": null, other: new Date(), $not: { x: { $in: [1, "2"] } } },
  });
  await docs.upsert([
    { id: "1", text: { title: "t" }, metadata: { any: [1, { deep: true }], day: new Date(), gone: undefined } },
  ]);
  // @ts-expect-error an option that does not exist
  await docs.search({ text: "x", limit: 5 });
  // @ts-expect-error a document needs an id
  await docs.upsert([{ text: "x" }]);
  // @ts-expect-error an unknown metric
  await db.collection("docs", { metric: "euclid" });
  // @ts-expect-error an unknown type of metadata
  await db.collection("docs", { metadata: { n: "number" } });

  await using next = await db.generations.begin({ from: "empty" });
  const built = await next.collection("docs", { metadata: { n: "float" } });
  expectTypeOf(built).toEqualTypeOf<Collection<{ n?: number | null }>>();
  await next.promote({
    gate: { recall: 0.95, canaries: [{ collection: "docs", query: { text: "x" }, expect: ["1"] }] },
  });
}
