import { timed } from "../clock.ts";
import { ingestSet } from "../data/sets.ts";
import { batches, type Engine, type Rows, sliceRows, type Store } from "../engines/engine.ts";
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
    const points: Point[] = [
      {
        serves: [`batches of ${batchSize}`],
        parameters: { durability: note },
        fixed: {},
        measure: async () =>
          await withStore(bench, rows.count, async (store) => {
            const { wallS, cpuS } = await timed(async () => {
              for (const batch of batches(rows, batchSize)) await store.upsert(batch, isDurable);
            });
            return { rowsPerS: rows.count / wallS, cpuMs: (1000 * cpuS) / rows.count };
          }),
      },
    ];
    const single = async () =>
      await withStore(bench, rows.count, async (store) => {
        const times: number[] = [];
        const count = Math.min(pace.singles, rows.count);
        const { wallS, cpuS } = await timed(async () => {
          for (let i = 0; i < count; i++) {
            const started = performance.now();
            await store.upsert(sliceRows(rows, i, i + 1), isDurable);
            times.push(performance.now() - started);
          }
        });
        const p50Ms = quantile(times, 0.5);
        return { rowsPerS: count / wallS, cpuMs: (1000 * cpuS) / count, p50Ms, p99Ms: quantile(times, 0.99) };
      });
    const serves = isDurable ? "single, synced" : "single, not synced";
    points.push({ serves: [serves], parameters: { durability: note }, fixed: {}, measure: single });
    const left = rows.texts === null ? ["vectors only"] : rows.vectors === null ? ["texts only"] : [];
    return { points, notes: left, close: async () => {} };
  },
};

/** What the engine can hold of the documents. */
function payload({ engine, set }: Bench): Rows {
  const { vectors, text } = engine.abilities;
  return {
    ...set.rows,
    vectors: vectors === undefined ? null : set.rows.vectors,
    texts: text === undefined ? null : set.rows.texts,
  };
}

async function withStore<T>(bench: Bench, capacity: number, use: (store: Store) => Promise<T>): Promise<T> {
  const store = await open(bench.engine, bench.folder(), payload(bench), capacity);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

async function open(engine: Engine, directory: string, rows: Rows, capacity: number): Promise<Store> {
  const hasVectors = rows.vectors !== null;
  return await engine.open(directory, { dimension: rows.dimension, hasVectors, hasText: rows.texts !== null, capacity });
}

/** The same document twice is one document, and each is found by its own vector once it is acknowledged. */
async function check(bench: Bench, rows: Rows): Promise<void> {
  await withStore(bench, rows.count, async (store) => {
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
    if (!found.includes(last)) throw new WrongAnswer(`document ${last} is not found by its own vector: ${found.join(" ")}`);
  });
}
