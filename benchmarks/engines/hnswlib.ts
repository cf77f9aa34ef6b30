import { join } from "node:path";
import { type Engine, type Rows, vectorAt } from "./engine.ts";
import { type Peer, peer } from "./peer.ts";

interface Hnsw {
  initIndex(options: { maxElements: number; m: number; efConstruction: number; randomSeed: number }): void;
  addPoint(vector: readonly number[], label: number): void;
  searchKnn(vector: readonly number[], k: number): { neighbors: number[] };
  setEf(ef: number): void;
  getCurrentCount(): number;
  writeIndexSync(file: string): void;
}
interface Hnswlib {
  HierarchicalNSW: new (space: "cosine", dimension: number) => Hnsw;
}

const m = 16;
const efConstruction = 200;

/** hnswlib through hnswlib-node: one thread, calls that block the event loop, an index in memory that is saved as a whole. */
export function load(): Engine {
  const { module, version } = peer("hnswlib-node") as Peer<Hnswlib>;
  return {
    name: "hnswlib-node",
    version,
    abilities: {
      vectors: { isExact: false },
      writes: { isDurable: false, note: "kept in memory, saved as one file on request" },
    },
    open(directory, shape) {
      const index = new module.HierarchicalNSW("cosine", shape.dimension);
      index.initIndex({ maxElements: shape.capacity, m, efConstruction, randomSeed: 42 });
      let ef = 0;
      const add = (rows: Rows) => {
        for (let i = 0; i < rows.count; i++) index.addPoint(Array.from(vectorAt(rows, i)), rows.first + i);
      };
      return {
        parameters: { index: "HNSW f32", m, efConstruction },
        efforts: [10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768].map((ef) => ({ ef })),
        async build(rows) {
          add(rows);
          index.writeIndexSync(join(directory, "index.hnsw"));
        },
        upsert: add,
        count: () => index.getCurrentCount(),
        searchVector(query, k, effort) {
          if (effort["ef"] !== ef) index.setEf((ef = effort["ef"] ?? 10));
          return index.searchKnn(Array.from(query), k).neighbors;
        },
        close() {},
      };
    },
  };
}
