import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DataSet } from "./sets.ts";

type Plain = Omit<DataSet, "rows" | "queryVectors" | "truth"> & {
  readonly count: number;
  readonly dimension: number;
  readonly texts: readonly string[] | null;
};

/** Writes a set for the engines' processes, each of which then reads it in a moment instead of making it again. */
export function writeSet(folder: string, set: DataSet): void {
  mkdirSync(folder, { recursive: true });
  const { rows, queryVectors, truth, ...rest } = set;
  const plain: Plain = { ...rest, count: rows.count, dimension: rows.dimension, texts: rows.texts };
  writeFileSync(join(folder, "set.json"), JSON.stringify(plain));
  for (const [name, array] of Object.entries({ vectors: rows.vectors, queryVectors, truth }))
    if (array !== null)
      writeFileSync(join(folder, name), new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
}

/** Reads what `writeSet` wrote on this machine. */
export function readSet(folder: string): DataSet {
  const { count, dimension, texts, ...rest } = JSON.parse(readFileSync(join(folder, "set.json"), "utf8")) as Plain;
  const bytes = (name: string): ArrayBuffer | null => {
    const path = join(folder, name);
    // a copy: a small file's Buffer is a slice of a shared pool, at an offset that floats may not start at
    return existsSync(path) ? new Uint8Array(readFileSync(path)).buffer : null;
  };
  const floats = (name: string) => {
    const buffer = bytes(name);
    return buffer === null ? null : new Float32Array(buffer);
  };
  const truth = bytes("truth");
  return {
    ...rest,
    rows: { first: 0, count, dimension, vectors: floats("vectors"), texts },
    queryVectors: floats("queryVectors"),
    truth: truth === null ? null : new Int32Array(truth),
  };
}
