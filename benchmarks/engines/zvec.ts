import { join } from "node:path";
import { batches, type Effort, type Engine, type Rows, type Shape, vectorAt } from "./engine.ts";
import { type Peer, peer } from "./peer.ts";

interface Input {
  readonly id: string;
  readonly vectors?: Record<string, Float32Array>;
  readonly fields?: Record<string, string>;
}
interface ZvecCollection {
  readonly stats: { readonly docCount: number };
  upsertSync(documents: Input[]): { ok: boolean; message: string }[];
  query(query: Record<string, unknown>): Promise<{ readonly id: string }[]>;
  optimize(): Promise<void>;
  closeSync(): void;
}
interface Zvec {
  ZVecInitialize(options: { logLevel: number }): void;
  ZVecCollectionSchema: new (schema: object) => object;
  ZVecCreateAndOpen(path: string, schema: object): ZvecCollection;
}

// numbers of the package's enums (0.7.0)
const type = { string: 2, vectorFloat32: 23 };
const indexType = { hnsw: 1, fullText: 11 };
const cosine = 3;
const int8 = 2;
const errorsOnly = 3;

const m = 16;
const efConstruction = 200;
/** The engine refuses larger ones. */
const largestBatch = 1024;

/** zvec with HNSW over floats, or over int8 with a refining pass over the floats. */
export function load(codec: "float32" | "int8"): Engine {
  const { module, version } = peer("@zvec/zvec") as Peer<Zvec>;
  module.ZVecInitialize({ logLevel: errorsOnly });
  return {
    name: codec === "int8" ? "zvec-int8" : "zvec",
    version,
    abilities: {
      vectors: { isExact: false },
      ...(codec === "float32" ? { text: { analysis: "lower case, stemmer" } } : {}),
      writes: { isDurable: false, note: "written without a sync; searchable at once" },
    },
    open(directory, shape) {
      const collection = module.ZVecCreateAndOpen(
        join(directory, "bench"),
        new module.ZVecCollectionSchema(schema(shape, codec)),
      );
      const upsert = (rows: Rows) => {
        for (const batch of batches(rows, largestBatch)) {
          const failed = collection.upsertSync(documents(batch)).find((status) => !status.ok);
          if (failed !== undefined) throw new Error(`zvec refused a document: ${failed.message}`);
        }
      };
      const search = async (query: Record<string, unknown>) =>
        (await collection.query({ ...query, outputFields: [] })).map(({ id }) => Number(id));
      const isUsingRefiner = codec === "int8";
      return {
        parameters: { index: isUsingRefiner ? "HNSW int8 + refine" : "HNSW f32", m, efConstruction },
        efforts: [10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768].map((ef): Effort => ({ ef })),
        async build(rows) {
          upsert(rows);
          await collection.optimize();
        },
        upsert,
        count: () => collection.stats.docCount,
        searchVector: async (vector, topk, { ef }) =>
          await search({
            fieldName: "vector",
            vector,
            topk,
            params: { indexType: indexType.hnsw, ef, ...(isUsingRefiner ? { isUsingRefiner } : {}) },
          }),
        searchText: async (matchString, topk) => await search({ fieldName: "text", fts: { matchString }, topk }),
        close: () => collection.closeSync(),
      };
    },
  };
}

function schema(shape: Shape, codec: "float32" | "int8"): object {
  const hnsw = {
    indexType: indexType.hnsw,
    metricType: cosine,
    m,
    efConstruction,
    ...(codec === "int8" ? { quantizeType: int8 } : {}),
  };
  const fullText = { indexType: indexType.fullText, filters: ["lowercase", "stemmer"] };
  return {
    name: "bench",
    ...(shape.hasVectors
      ? { vectors: [{ name: "vector", dataType: type.vectorFloat32, dimension: shape.dimension, indexParams: hnsw }] }
      : {}),
    ...(shape.hasText ? { fields: [{ name: "text", dataType: type.string, indexParams: fullText }] } : {}),
  };
}

function documents(rows: Rows): Input[] {
  return Array.from({ length: rows.count }, (_, i) => ({
    id: String(rows.first + i),
    ...(rows.vectors === null ? {} : { vectors: { vector: vectorAt(rows, i) } }),
    ...(rows.texts === null ? {} : { fields: { text: rows.texts[i] ?? "" } }),
  }));
}
