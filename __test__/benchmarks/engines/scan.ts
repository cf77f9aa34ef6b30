import type { Engine, Store } from "../../../benchmarks/engines/engine.ts";
import { exactNearest } from "../../../benchmarks/data/nearest.ts";
import type { Rows } from "../../../benchmarks/engines/engine.ts";

/** A plain exact engine for tests of the frame; `change` plants a fault into its store. */
export function scanEngine(name: string, change: (store: Store) => Partial<Store> = () => ({})): Engine {
  return {
    name,
    version: "0.0.0",
    abilities: { vectors: { isExact: true }, writes: { isDurable: false, note: "kept in memory" } },
    open() {
      const documents = new Map<number, Float32Array>();
      const upsert = ({ first, count, dimension, vectors }: Rows) => {
        for (let i = 0; i < count; i++)
          documents.set(first + i, (vectors ?? new Float32Array()).slice(i * dimension, (i + 1) * dimension));
      };
      const store: Store = {
        parameters: {},
        efforts: [{}],
        async build(rows) {
          upsert(rows);
        },
        upsert,
        count: () => documents.size,
        searchVector(query, k) {
          const dimension = query.length;
          const vectors = new Float32Array(documents.size * dimension);
          for (const [row, vector] of documents) vectors.set(vector, row * dimension);
          const rows = { first: 0, count: documents.size, dimension, vectors, texts: null };
          return [...exactNearest(rows, query, k)];
        },
        close() {},
      };
      return { ...store, ...change(store) };
    },
  };
}
