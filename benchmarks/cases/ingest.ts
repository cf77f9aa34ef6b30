import { rmSync } from "node:fs";
import { timed } from "../clock.ts";
import { ingestSet } from "../data/sets.ts";
import { batches, type Rows, sliceRows, type Store } from "../engines/engine.ts";
import type { Figures } from "../figures.ts";
import { quantile } from "../statistics.ts";
import { type Bench, type Case, type Point, WrongAnswer } from "./case.ts";

/** Documents of one batch; the largest that every engine takes. */
const batchSize = 1000;

/** Writes as a program makes them: batches, and single documents that must survive a power cut. */
export const ingest: Case = {
  name: "ingest",
  refuses: () => null,
  sets: async (folder, { rows, queries }, isQuick) => [
    await ingestSet(folder, { rows: Math.min(rows, isQuick ? 2000 : 20_000), queries }),
  ],
  async prepare(bench) {
    const { engine, pace } = bench;
    const rows = payload(bench);
    await check(bench, rows);
    const { isDurable, note } = engine.abilities.writes;
    const held = rows.texts === null ? "vector only" : rows.vectors === null ? "text only" : "vector and text";
    // what is synced and what is not never stand in one table; an engine that can do both is measured twice
    const points = (isDurable ? [true, false] : [false]).flatMap((isSynced): Point[] => {
      const kind = `${isSynced ? "synced" : "not synced"}, ${held}`;
      const parameters = { durability: isDurable && !isSynced ? "sync left to the system" : note };
      return [
        {
          serves: [`batches of ${batchSize}, ${kind}`],
          parameters,
          fixed: {},
          measure: async () => await withStore(bench, rows, async (store) => await batched(store, rows, isSynced)),
        },
        {
          serves: [`single, ${kind}`],
          parameters,
          fixed: {},
          measure: async () =>
            await withStore(
              bench,
              rows,
              async (store) => await singly(store, sliceRows(rows, 0, pace.singles), isSynced),
            ),
        },
      ];
    });
    return { points, notes: [], close: async () => {} };
  },
};

async function batched(store: Store, rows: Rows, isSynced: boolean): Promise<Figures> {
  const { wallS, cpuS } = await timed(async () => {
    for (const batch of batches(rows, batchSize)) await store.upsert(batch, isSynced);
  });
  return { rowsPerS: rows.count / wallS, cpuMs: (1000 * cpuS) / rows.count };
}

async function singly(store: Store, rows: Rows, isSynced: boolean): Promise<Figures> {
  const times: number[] = [];
  const { wallS, cpuS } = await timed(async () => {
    for (const one of batches(rows, 1)) {
      const started = performance.now();
      await store.upsert(one, isSynced);
      times.push(performance.now() - started);
    }
  });
  const cpuMs = (1000 * cpuS) / rows.count;
  return { rowsPerS: rows.count / wallS, cpuMs, p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
}

/** What the engine can hold of the documents. */
function payload({ engine, set }: Bench): Rows {
  const { vectors, text } = engine.abilities;
  return {
    ...set.rows,
    vectors: vectors === undefined ? null : set.rows.vectors,
    texts: text === undefined ? null : set.rows.texts,
  };
}

async function withStore<T>({ engine, folder }: Bench, rows: Rows, use: (store: Store) => Promise<T>): Promise<T> {
  const directory = folder();
  const { dimension, count, vectors, texts } = rows;
  const shape = { dimension, hasVectors: vectors !== null, hasText: texts !== null, capacity: count };
  const store = await engine.open(directory, shape);
  try {
    return await use(store);
  } finally {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The same document twice is one document, and each is found by its own vector once it is acknowledged. */
async function check(bench: Bench, rows: Rows): Promise<void> {
  await withStore(bench, rows, async (store) => {
    const some = sliceRows(rows, 0, 100);
    await store.upsert(some, false);
    await store.upsert(sliceRows(rows, 0, 10), false);
    const count = await store.count();
    if (count !== some.count) throw new WrongAnswer(`${count} documents after ${some.count} upserts and 10 repeated`);
    const effort = store.efforts.at(-1) ?? {};
    const last = some.count - 1;
    const probe = some.vectors?.subarray(last * rows.dimension, (last + 1) * rows.dimension);
    if (probe === undefined || store.searchVector === undefined) return;
    const found = await store.searchVector(probe, 10, effort);
    if (!found.includes(last))
      throw new WrongAnswer(`document ${last} is not found by its own vector: ${found.join(" ")}`);
  });
}
