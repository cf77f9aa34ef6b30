import { expect } from "vitest";
import type { Capabilities } from "../../src/engine/capabilities.ts";
import type { Database, Document, Hit, JsonObject } from "../../src/index.ts";

declare module "vitest" {
  interface TaskMeta {
    /** Why a test is skipped; the closing lines of `npm test` print it. */
    skip?: string;
  }
}

/** An engine under the contract. */
export interface Subject {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Why the engine cannot run here; its tests are skipped then. */
  readonly missing?: string;
  /** Opens a fresh, empty store that is private to the caller. */
  readonly create: () => Promise<Database>;
}

/** Scores may differ between engines in the last bits of f32; an absent score stays absent. */
export const near = (score: number | undefined): unknown =>
  score === undefined ? undefined : expect.closeTo(score, 5);

/** An error with this code and at least these details, or nothing when none is expected. */
export const failureLike = (error?: { code: string; details?: Record<string, unknown> }): unknown =>
  error &&
  expect.objectContaining({ code: `GENNAKER_${error.code}`, details: expect.objectContaining(error.details ?? {}) });

export const ids = (list: readonly (Hit<never> | Hit | Document)[]): string[] => list.map((one) => one.id);

/** All documents of a scan. */
export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}

/** The code of a GennakerError, `TypeError`, or what else was thrown; fails when nothing was. */
export async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof TypeError) return "TypeError";
    return (error as { code?: string }).code ?? String(error);
  }
  return "nothing was thrown";
}

/** Everything that a database holds, to show that a refused call changed nothing. */
export async function contents(db: Database): Promise<JsonObject> {
  const collections: JsonObject = {};
  for (const { name, schema } of await db.collections()) {
    const collection = await db.collection(name);
    const documents = schema.namespacesRequired ? [] : await collect(collection.scan());
    collections[name] = JSON.parse(JSON.stringify({ schema, documents })) as JsonObject;
  }
  return { collections, sequence: db.status().sequence, generations: (await db.generations.list()).length };
}
