import { describe, expect, it } from "vitest";
import type { CollectionOptions, Database, DocumentInput, DocumentText, SchemaInfo } from "../../src/index.ts";
import { fixture } from "../fixtures.ts";
import { collect, failureLike, ids, type Subject } from "./subject.ts";

interface FilterCase {
  readonly name: string;
  readonly filter?: unknown;
  readonly build?: { levels?: number; of?: string; or?: number; in?: number; operand?: number };
  readonly ids?: string[];
  readonly code?: string;
  readonly details?: Record<string, unknown>;
}
interface Filters {
  readonly schema: CollectionOptions;
  readonly documents: DocumentInput[];
  readonly cases: FilterCase[];
  readonly invalid: FilterCase[];
}
interface SchemaCase {
  readonly name: string;
  readonly steps: { readonly open?: unknown; readonly upsert?: DocumentInput[] }[];
  readonly schema?: SchemaInfo;
  readonly error?: { code: string; details?: Record<string, unknown> };
}
interface Bm25 {
  readonly corpora: {
    readonly about: string;
    readonly fields: { name: string; weight: number; language: string }[];
    readonly documents: { id: string; text?: DocumentText }[];
    readonly queries: { query: string; hits: { id: string; score: number }[] }[];
  }[];
}

/** Behaviour that golden files write down for both languages: filters, schemas, BM25F. */
export function goldenContract({ create, capabilities }: Subject): void {
  describe("golden filters", () => {
    const { schema, documents, cases, invalid } = fixture("filters") as Filters;
    it.each(cases)("$name", async (one) => {
      await using db = await create();
      const docs = await db.collection("docs", mixed(schema, documents));
      await docs.upsert(documents);
      const filter = filterOf(one) as never;
      expect(ids(await collect(docs.scan({ filter })))).toEqual(one.ids);
      expect(await docs.count(filter)).toBe(one.ids?.length);
    });
    it.each(invalid)("refused: $name", async (one) => {
      await using db = await create();
      const docs = await db.collection("docs", mixed(schema, documents));
      await docs.upsert(documents);
      const refusal = { code: `GENNAKER_${one.code}`, details: one.details ?? {} };
      const filter = filterOf(one) as never;
      await expect(docs.count(filter)).rejects.toMatchObject(refusal);
      await expect(docs.deleteWhere(filter)).rejects.toMatchObject(refusal);
      await expect(docs.search({ text: "x", filter })).rejects.toMatchObject(refusal);
      expect(await docs.count()).toBe(documents.length);
    });
  });

  describe("golden schemas", () => {
    it.for((fixture("schema") as { cases: SchemaCase[] }).cases)("$name", async ({ steps, schema, error }, context) => {
      const languages = [...JSON.stringify(steps).matchAll(/"language":"(\w+)"/g)].map((match) => match[1] as string);
      const missing = languages.find(
        (one) => one !== "klingon" && one !== "none" && !capabilities.languages.includes(one),
      );
      context.skip(missing !== undefined, `this engine has no stemmer for ${missing}`);
      await using db = await create();
      const failure = await runAll(db, steps).catch((caught: unknown) => caught);
      expect(failure).toEqual(failureLike(error));
      const stored: unknown = JSON.parse(JSON.stringify((await db.collections())[0]?.schema ?? null));
      expect(stored).toEqual(schema ?? stored);
    });
  });

  describe("golden BM25F", () => {
    it.each((fixture("bm25") as Bm25).corpora)("$about", async ({ fields, documents, queries }) => {
      await using db = await create();
      const text = Object.fromEntries(fields.map(({ name, ...options }) => [name, options]));
      const docs = await db.collection("docs", { text });
      await docs.upsert(documents);
      for (const { query, hits } of queries) {
        const found = await docs.search({ text: query, k: 100 });
        expect({ query, ids: ids(found.hits) }).toEqual({ query, ids: ids(hits as never) });
        found.hits.forEach((hit, i) => expect(hit.score).toBeCloseTo(hits[i]?.score ?? NaN, 6));
      }
    });
  });

  /** Every step but the last succeeds, or the failure says which one did not. */
  async function runAll(db: Database, steps: SchemaCase["steps"]): Promise<void> {
    for (const [i, step] of steps.entries()) {
      await run(db, step).catch((error: unknown) => {
        throw i === steps.length - 1 ? error : new Error(`step ${i} failed`, { cause: error });
      });
    }
  }

  async function run(db: Database, { open, upsert }: SchemaCase["steps"][number]): Promise<unknown> {
    if (open !== undefined) return await db.collection("docs", schemaOf(open));
    return await (await db.collection("docs")).upsert(expand(upsert) as DocumentInput[]);
  }

  /** The golden schema with what this engine serves of it: an embedder's identity becomes an embedder. */
  function schemaOf(open: unknown): CollectionOptions {
    if (typeof open !== "object" || open === null || !("embed" in open)) return open as CollectionOptions;
    const { embed } = open;
    if (typeof embed !== "object" || embed === null) return open;
    const { id, dimension } = embed as { id?: string; dimension: number };
    return { ...open, embed: { ...(id === undefined ? {} : { id }), dimensions: dimension, embed: async () => [] } };
  }
}

/** The golden documents mix types on purpose: what the file does not declare is `json`. */
function mixed(schema: CollectionOptions, documents: readonly DocumentInput[]): CollectionOptions {
  const fields = documents.flatMap((one) => Object.keys(one.metadata ?? {}));
  return {
    metadata: Object.fromEntries([...fields.map((name) => [name, "json"]), ...Object.entries(schema.metadata ?? {})]),
  };
}

/** `{ "$repeat": [x, n] }` is a string or an array too long to write down. */
function expand(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(expand);
  if (typeof value !== "object" || value === null) return value;
  if ("$repeat" in value) {
    const [what, times] = value.$repeat as [string | number, number];
    return typeof what === "string" ? what.repeat(times) : Array.from({ length: times }, () => what);
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, expand(one)]));
}

function filterOf({ filter, build }: FilterCase): unknown {
  if (!build) return filter;
  if (build.or !== undefined) return { $or: Array.from({ length: build.or }, () => ({ n: 1 })) };
  if (build.in !== undefined) return { n: { $in: Array.from({ length: build.in }, (_, i) => i) } };
  if (build.operand !== undefined) {
    let value: unknown[] = [];
    for (let i = 1; i < build.operand; i++) value = [value];
    return { n: value };
  }
  let nested: unknown = { n: 1 };
  for (let i = 1; i < (build.levels ?? 1); i++)
    nested = { [build.of as string]: build.of === "$not" ? nested : [nested] };
  return nested;
}
