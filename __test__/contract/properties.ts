import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Database, Document } from "../../src/index.ts";
import { collect, type Subject } from "./subject.ts";

const RUNS = 40;
const SEED = 42;

type Op =
  | { readonly kind: "upsert"; readonly namespace: string; readonly ids: string[]; readonly n: number }
  | { readonly kind: "update"; readonly namespace: string; readonly id: string; readonly n: number }
  | { readonly kind: "delete"; readonly namespace: string; readonly ids: string[] }
  | { readonly kind: "deleteWhere"; readonly namespace: string; readonly n: number }
  | { readonly kind: "build"; readonly ids: string[]; readonly n: number; readonly during: string[] }
  | { readonly kind: "rollback"; readonly writes: "keep" | "drop" };

/** Documents of a model: what a namespace's map holds under `namespace/id`. */
type Model = Map<string, Document>;

const namespace = fc.constantFrom("", "a", "b");
const id = fc.constantFrom("1", "2", "3", "é", "😀", "￿");
const idsOf = fc.uniqueArray(id, { minLength: 1, maxLength: 4 });
const n = fc.integer({ min: 0, max: 3 });
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("upsert" as const), namespace, ids: idsOf, n }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("update" as const), namespace, id, n }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete" as const), namespace, ids: idsOf }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("deleteWhere" as const), namespace, n }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("build" as const), ids: idsOf, n, during: idsOf }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("rollback" as const),
      writes: fc.constantFrom("keep" as const, "drop" as const),
    }),
  },
);

/** Random histories against a `Map`. */
export function propertiesContract({ create }: Subject): void {
  describe("random histories", () => {
    it("leave what a Map would hold", async () => {
      const property = fc.assert(
        fc.asyncProperty(fc.array(op, { maxLength: 25 }), async (ops) => {
          await using db = await create();
          await db.collection("docs");
          const history = new History();
          for (const one of ops) {
            await apply(db, one, history);
            await compare(db, history.live);
          }
        }),
        { numRuns: RUNS, seed: SEED },
      );
      await expect(property).resolves.toBeUndefined();
    });
  });
}

/** The model: one map for each generation, and the changes that others lack. */
class History {
  live: Model = new Map();
  readonly #left: { model: Model; changes: (() => void)[] }[] = [];

  /** Changes the live documents, and remembers it for generations that were left. */
  change(work: (model: Model) => void): void {
    work(this.live);
    for (const one of this.#left) one.changes.push(() => work(one.model));
  }

  promote(built: Model): void {
    this.#left.push({ model: this.live, changes: [] });
    this.live = built;
  }

  get canRollBack(): boolean {
    return this.#left.length > 0;
  }

  /** Only the last one left is asked for, so the others need no order. */
  rollback(writes: "keep" | "drop"): void {
    const target = this.#left.pop();
    if (!target) return;
    if (writes === "keep") for (const one of target.changes) one();
    this.#left.length = 0;
    this.live = target.model;
  }
}

const document = (id: string, value: number): Document => ({ id, text: `word${value}`, metadata: { n: value } });

async function apply(db: Database, one: Op, history: History): Promise<void> {
  const docs = await db.collection("docs");
  switch (one.kind) {
    case "upsert": {
      const batch = one.ids.map((each) => document(each, one.n));
      await at(docs, one.namespace).upsert(batch);
      history.change((model) => batch.forEach((each) => model.set(`${one.namespace}/${each.id}`, each)));
      break;
    }
    case "update": {
      const key = `${one.namespace}/${one.id}`;
      const work = at(docs, one.namespace).update(one.id, { metadata: { n: one.n } });
      const before = history.live.get(key);
      if (!before) {
        await assert.rejects(work, { code: "GENNAKER_NOT_FOUND" });
        break;
      }
      await work;
      const after = { ...before, metadata: { n: one.n } };
      history.change((model) => model.set(key, after));
      break;
    }
    case "delete": {
      const known = one.ids.filter((each) => history.live.has(`${one.namespace}/${each}`));
      assert.equal((await at(docs, one.namespace).delete(one.ids)).deleted, known.length);
      history.change((model) => known.forEach((each) => model.delete(`${one.namespace}/${each}`)));
      break;
    }
    case "deleteWhere": {
      const doomed = [...history.live]
        .filter(([key, each]) => key.startsWith(`${one.namespace}/`) && each.metadata?.["n"] === one.n)
        .map(([key]) => key);
      assert.equal((await at(docs, one.namespace).deleteWhere({ n: one.n })).deleted, doomed.length);
      history.change((model) => doomed.forEach((key) => model.delete(key)));
      break;
    }
    case "build": {
      const next = await db.generations.begin({ from: "empty" });
      const built: Model = new Map(one.ids.map((each) => [`a/${each}`, document(each, one.n)]));
      await at(await next.collection("docs"), "a").upsert([...built.values()]);
      const during = one.during.map((each) => document(each, 9));
      await at(docs, "a").upsert(during);
      history.change((model) => during.forEach((each) => model.set(`a/${each.id}`, each)));
      await next.seal();
      assert.equal((await next.promote()).carried, during.length);
      during.forEach((each) => built.set(`a/${each.id}`, each));
      history.promote(built);
      break;
    }
    case "rollback":
      if (history.canRollBack) await db.generations.rollback({ writes: one.writes });
      history.rollback(one.writes);
      // A generation that was rolled away from may be rolled back to; the model forgets it, so the store has to as well.
      for (const { generation, state } of await db.generations.list())
        if (state === "kept") await db.generations.drop(generation);
      break;
  }
}

async function compare(db: Database, model: Model): Promise<void> {
  const docs = await db.collection("docs");
  for (const name of ["", "a", "b"]) {
    const expected = [...model].filter(([key]) => key.startsWith(`${name}/`)).map(([, one]) => one);
    const sorted = expected.toSorted((x, y) => Buffer.compare(Buffer.from(x.id), Buffer.from(y.id)));
    const here = at(docs, name);
    expect(await collect(here.scan())).toEqual(sorted);
    expect(await here.count({ n: 1 })).toBe(expected.filter((one) => one.metadata?.["n"] === 1).length);
    const found = (await here.search({ text: "word1 word9", k: 100 })).hits.map((hit) => hit.id);
    expect(new Set(found)).toEqual(
      new Set(expected.filter((one) => /word[19]/.test(one.text as string)).map((one) => one.id)),
    );
  }
}

function at<T extends { namespace(name: string): T }>(docs: T, name: string): T {
  return name === "" ? docs : docs.namespace(name);
}
