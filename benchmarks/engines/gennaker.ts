import { existsSync, readFileSync } from "node:fs";
import type { Collection, DocumentColumns, GennakerError, open as Open } from "../../src/index.ts";
import { batches, type Engine, type Rows, type Store, Unavailable } from "./engine.ts";

const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};
const built = new URL("../../dist/index.js", import.meta.url);
const source = new URL("../../src/index.ts", import.meta.url);

/** The product as its users get it (`dist/`), or from `src/` in a checkout that has not been built. */
async function product(): Promise<{ open: typeof Open; from: string }> {
  const isBuilt = existsSync(built);
  const { open } = (await import((isBuilt ? built : source).href)) as { open: typeof Open };
  return { open, from: isBuilt ? "dist" : "src" };
}

/** gennaker with its store in a directory, or its memory engine. */
export async function load(kind: "native" | "memory"): Promise<Engine> {
  const { open, from } = await product();
  if (kind === "native") await probe(open);
  const durable = { isDurable: true, note: "log synced before the answer; searchable at once" };
  return {
    name: kind === "native" ? "gennaker" : "memory",
    version: `${manifest.version} (${from})`,
    abilities: {
      vectors: { isExact: true },
      text: { analysis: "English stemmer, stop words" },
      writes: kind === "native" ? durable : { isDurable: false, note: "kept in memory; searchable at once" },
    },
    async open(directory, shape) {
      const db = await (kind === "native" ? open(directory) : open(":memory:", { engine: "memory" }));
      const collection = await db.collection("bench", {
        ...(shape.hasVectors ? { dimension: shape.dimension, metric: "cosine" as const } : {}),
        ...(shape.hasText ? { text: "string" as const } : {}),
      });
      return { ...store(collection), close: async () => await db.close() };
    },
  };
}

function store(collection: Collection): Omit<Store, "close"> {
  const numbers = async (query: Parameters<Collection["search"]>[0]) =>
    (await collection.search({ ...query, include: { text: false, metadata: false } })).hits.map((hit) =>
      Number(hit.id),
    );
  return {
    parameters: { index: "exact scan" },
    efforts: [{ recall: 0.95 }, { recall: 0.99 }],
    async build(rows) {
      for (const batch of batches(rows, 10_000))
        await collection.upsertColumns(columns(batch), { durability: "batch" });
      await collection.optimize();
    },
    async upsert(rows, isDurable) {
      await collection.upsertColumns(columns(rows), { durability: isDurable ? "sync" : "none" });
    },
    count: async () => await collection.count(),
    searchVector: async (vector, k, { recall = 0.95 }) => await numbers({ vector, k, recall }),
    searchText: async (text, k) => await numbers({ text, k }),
  };
}

function columns({ first, count, vectors, texts }: Rows): DocumentColumns {
  return {
    ids: Array.from({ length: count }, (_, i) => String(first + i)),
    ...(vectors === null ? {} : { vectors }),
    ...(texts === null ? {} : { text: texts }),
  };
}

/** Opens a store that nothing is written to, to learn whether there is a binary for this machine. */
async function probe(open: typeof Open): Promise<void> {
  try {
    const db = await open(":memory:", { engine: "native" });
    await db.close();
  } catch (error) {
    const { code, message } = error as GennakerError;
    if (code === "GENNAKER_NATIVE_MISSING") throw new Unavailable(message.split("\n")[0], { cause: error });
    throw error;
  }
}
