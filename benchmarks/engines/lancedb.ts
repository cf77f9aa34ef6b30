import { type Effort, type Engine, type Rows, vectorAt } from "./engine.ts";
import { type Peer, peer } from "./peer.ts";

interface Query extends VectorQuery {
  fullTextSearch(query: object): Query;
  nearestTo(vector: Float32Array): VectorQuery;
}
interface VectorQuery {
  distanceType(metric: "cosine"): this;
  nprobes(n: number): this;
  ef(ef: number): this;
  refineFactor(factor: number): this;
  select(columns: string[]): this;
  limit(k: number): this;
  toArray(): Promise<{ readonly id: number }[]>;
}
interface Table {
  add(rows: object[]): Promise<unknown>;
  mergeInsert(on: string): {
    whenMatchedUpdateAll(): { whenNotMatchedInsertAll(): { execute(rows: object[]): Promise<unknown> } };
  };
  createIndex(column: string, options: object): Promise<void>;
  optimize(): Promise<unknown>;
  countRows(): Promise<number>;
  query(): Query;
  close(): void;
}
interface Lancedb {
  connect(path: string): Promise<{
    createTable(name: string, rows: object[]): Promise<Table>;
    close(): void;
  }>;
  MatchQuery: new (query: string, column: string) => object;
  Index: {
    hnswSq(options: { distanceType: "cosine"; numPartitions: number; m: number; efConstruction: number }): object;
    fts(options: { stem: boolean; removeStopWords: boolean; withPosition: boolean }): object;
  };
}

const m = 20;
const efConstruction = 300;

/** LanceDB with HNSW over scalar-quantized vectors in one partition, refined where `refine` is above 1. */
export function load(): Engine {
  process.env["RUST_LOG"] ??= "error";
  const { module, version } = peer("@lancedb/lancedb") as Peer<Lancedb>;
  return {
    name: "lancedb",
    version,
    abilities: {
      vectors: { isExact: false },
      text: { analysis: "English stemmer, stop words" },
      writes: {
        isDurable: false,
        note: "a new table version per write, not synced; searched by a scan until optimize()",
      },
    },
    async open(directory, shape) {
      const db = await module.connect(directory);
      let table: Table | null = null;
      const opened = (): Table => {
        if (table === null) throw new Error("nothing has been written yet");
        return table;
      };
      const found = async (query: VectorQuery, k: number) =>
        (await query.select(["id"]).limit(k).toArray()).map(({ id }) => id);
      return {
        parameters: { index: "HNSW_SQ", m, efConstruction, partitions: 1 },
        efforts: efforts(),
        async build(rows) {
          table = await db.createTable("bench", documents(rows));
          if (shape.hasVectors)
            await table.createIndex("vector", {
              config: module.Index.hnswSq({ distanceType: "cosine", numPartitions: 1, m, efConstruction }),
            });
          if (shape.hasText)
            await table.createIndex("text", {
              config: module.Index.fts({ stem: true, removeStopWords: true, withPosition: false }),
            });
          await table.optimize();
        },
        async upsert(rows) {
          if (table === null) table = await db.createTable("bench", documents(rows));
          else await table.mergeInsert("id").whenMatchedUpdateAll().whenNotMatchedInsertAll().execute(documents(rows));
        },
        count: async () => await opened().countRows(),
        async searchVector(vector, k, { ef = 64, refine = 1 }) {
          const query = opened()
            .query()
            .nearestTo(vector)
            .distanceType("cosine")
            .nprobes(1)
            .ef(Math.max(ef, k * refine));
          return await found(refine > 1 ? query.refineFactor(refine) : query, k);
        },
        searchText: async (text, k) =>
          await found(opened().query().fullTextSearch(new module.MatchQuery(text, "text")), k),
        close() {
          table?.close();
          db.close();
        },
      };
    },
  };
}

function efforts(): Effort[] {
  return [16, 32, 64, 128, 256, 512].flatMap((ef) => [
    { ef, refine: 1 },
    { ef, refine: 4 },
  ]);
}

function documents(rows: Rows): object[] {
  return Array.from({ length: rows.count }, (_, i) => ({
    id: rows.first + i,
    ...(rows.vectors === null ? {} : { vector: vectorAt(rows, i) }),
    ...(rows.texts === null ? {} : { text: rows.texts[i] ?? "" }),
  }));
}
