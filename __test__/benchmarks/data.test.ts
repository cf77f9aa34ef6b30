import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bm25 } from "../../benchmarks/data/bm25.ts";
import { knownItemQueries, packagePassages } from "../../benchmarks/data/documentation.ts";
import { readHead, readJsonLines, readNpy, readQrels } from "../../benchmarks/data/files.ts";
import { dot, exactNearest } from "../../benchmarks/data/nearest.ts";
import { readSet, writeSet } from "../../benchmarks/data/prepared.ts";
import { vectorSet } from "../../benchmarks/data/sets.ts";
import { syntheticVectors } from "../../benchmarks/data/synthetic.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gennaker-data-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function npy(header: string, body: Uint8Array, version = 1): Buffer {
  const start = Buffer.from(version === 1 ? [0, 0] : [0, 0, 0, 0]);
  const text = Buffer.from(`${header}\n`, "latin1");
  if (version === 1) start.writeUInt16LE(text.length);
  else start.writeUInt32LE(text.length);
  return Buffer.concat([Buffer.from("\x93NUMPY", "latin1"), Buffer.from([version, 0]), start, text, body]);
}

const header = (type: string, shape: string) => `{'descr': '${type}', 'fortran_order': False, 'shape': ${shape}, }`;

describe("NumPy files", () => {
  it("reads half precision, packed, with subnormals, signs and infinity", async () => {
    const halves = Uint16Array.from([0x3c00, 0xc000, 0x3555, 0x0001, 0x7c00, 0x8000, 0x7bff, 0x03ff]);
    const path = join(folder, "half.npy.gz");
    writeFileSync(path, gzipSync(npy(header("<f2", "(2, 4)"), new Uint8Array(halves.buffer))));
    const { rows, dimension, values } = await readNpy(path);
    expect([rows, dimension]).toEqual([2, 4]);
    expect([...values]).toEqual([1, -2, 0.333251953125, 2 ** -24, Infinity, -0, 65_504, Math.fround(1023 * 2 ** -24)]);
  });

  it("reads the first rows of single precision, version 2", async () => {
    const path = join(folder, "single.npy");
    const floats = Float32Array.from([1.5, -2.25, 3, 4, 5, 6]);
    writeFileSync(path, npy(header("<f4", "(3, 2)"), new Uint8Array(floats.buffer), 2));
    expect([...(await readNpy(path, 2)).values]).toEqual([1.5, -2.25, 3, 4]);
  });

  it("refuses what it cannot read, by name", async () => {
    const path = join(folder, "bad.npy");
    const cases = [
      [Buffer.from("not numpy at all"), /is not a NumPy array file/],
      [npy(header("<f8", "(1, 1)"), new Uint8Array(8)), /holds .*<f8.*; wanted a C-order matrix/],
      [npy(header("<f4", "(2, 2)").replace("False", "True"), new Uint8Array(16)), /'fortran_order': True/],
      [npy(header("<f4", "(2, 2)"), new Uint8Array(12)), /ends after \d+ of \d+ bytes/],
    ] as const;
    for (const [bytes, message] of cases) {
      writeFileSync(path, bytes);
      await expect(readNpy(path)).rejects.toThrow(message);
    }
    await expect(readNpy(join(folder, "none.npy.gz"))).rejects.toThrow(/ENOENT/);
  });
});

it("reads lines of JSON, judgements, and the head of a packed file", async () => {
  const lines = join(folder, "lines.jsonl.gz");
  writeFileSync(lines, gzipSync('{"id":1}\n\n{"id":2}\n{"id":3}'));
  expect(readJsonLines(lines)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  expect(readJsonLines(lines, 2)).toEqual([{ id: 1 }, { id: 2 }]);
  expect((await readHead(lines, 4)).toString()).toBe('{"id');
  const qrels = join(folder, "qrels.tsv");
  writeFileSync(qrels, "query-id\tdoc-id\trelevance\nq1\td 7\t2\n");
  expect(readQrels(qrels)).toEqual([{ query: "q1", document: "d 7", grade: 2 }]);
});

it("makes the same vectors from the same seed, of unit length and the intrinsic dimension asked for", () => {
  const shape = { count: 200, dimension: 48, intrinsic: 3, clusters: 5, seed: 7 };
  const vectors = syntheticVectors(shape);
  expect(vectors).toEqual(syntheticVectors(shape));
  expect(vectors).not.toEqual(syntheticVectors({ ...shape, seed: 8 }));
  const row = (i: number) => vectors.subarray(i * 48, (i + 1) * 48);
  for (let i = 0; i < 200; i++) expect(dot(row(i), row(i))).toBeCloseTo(1, 5);
  // Gram and Schmidt from the row that sticks out most: three directions hold nearly all of the rows, two do not
  const basis: Float64Array[] = [];
  const left = () => Array.from({ length: 200 }, (_, i) => residual(row(i), basis));
  const share = () => left().reduce((sum, rest) => sum + Math.hypot(...rest) ** 2, 0) / 200;
  const shares: number[] = [];
  for (let i = 0; i < 3; i++) {
    const [furthest] = left().toSorted((a, b) => Math.hypot(...b) - Math.hypot(...a));
    const length = Math.hypot(...(furthest ?? []));
    basis.push((furthest ?? new Float64Array()).map((value) => value / length));
    shares.push(share());
  }
  expect(shares[1]).toBeGreaterThan(0.05);
  expect(shares[2]).toBeLessThan(0.01);
});

function residual(vector: Float32Array, basis: readonly Float64Array[]): Float64Array {
  const rest = Float64Array.from(vector);
  for (const direction of basis) {
    const share = rest.reduce((sum, value, d) => sum + value * (direction[d] ?? 0), 0);
    for (let d = 0; d < rest.length; d++) rest[d] = (rest[d] ?? 0) - share * (direction[d] ?? 0);
  }
  return rest;
}

it("finds the exact nearest rows, ties by the lower row", () => {
  const vectors = Float32Array.from([1, 0, 0, 1, 0.6, 0.8, 1, 0, -1, 0]);
  const rows = { first: 0, count: 5, dimension: 2, vectors, texts: null };
  expect([...exactNearest(rows, Float32Array.from([1, 0, 0, -1]), 3)]).toEqual([0, 3, 2, 0, 3, 4]);
});

it("ranks by BM25 with Lucene's formula", () => {
  const documents = ["the cat sat", "a cat and a cat", "Ünïcode dogs bark", "nothing here at all to find"];
  expect(bm25(documents, ["cat", "unicode", "zebra", "cat sat"], 10)).toEqual([[1, 0], [2], [], [0, 1]]);
  // a short document with the word once goes before a long one with it twice: 1 / 1.75 > 2 / 3.65
  expect(bm25(["x x a b c d", "x y"], ["x"], 2)).toEqual([[1, 0]]);
  expect(bm25(["same words", "same words"], ["words"], 1)).toEqual([[0]]);
});

it("takes passages from packages and asks for them by their own words", () => {
  const file = join(folder, "README.md");
  const section = (word: string) => `# ${word}\n${Array.from({ length: 45 }, (_, i) => `${word}${i}`).join(" ")}\n`;
  writeFileSync(file, `${section("alpha")}\n## short\ntoo few words\n${section("beta")}`);
  const passages = packagePassages(folder, 10, 1);
  expect(passages.map((passage) => passage.split(" ", 2).join(" ")).toSorted()).toEqual(["# alpha", "# beta"]);
  const { texts, rows } = knownItemQueries(passages, 2, 1);
  expect(bm25(passages, texts, 1)).toEqual(rows.map((row) => [row]));
});

it("hands a set to another process unchanged", async () => {
  const set = await vectorSet(null, { rows: 30, queries: 3 });
  const place = join(folder, "set");
  writeSet(place, set);
  expect(readSet(place)).toEqual(set);
});
