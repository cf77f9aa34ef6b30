import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Rows } from "../engines/engine.ts";
import { bm25 } from "./bm25.ts";
import { knownItemQueries, packagePassages } from "./documentation.ts";
import { packedOrNot, readJsonLines, readNpy, readQrels } from "./files.ts";
import { exactNearest } from "./nearest.ts";
import { normalize, syntheticVectors } from "./synthetic.ts";

/** Documents with queries, and the right answers. */
export interface DataSet {
  readonly name: string;
  /** What it is, for the report. */
  readonly note: string;
  readonly rows: Rows;
  /** `queries × dimension`, unit length. */
  readonly queryVectors: Float32Array | null;
  /** `queries × TRUTH_K` rows: the exact nearest, best first. */
  readonly truth: Int32Array | null;
  readonly queryTexts: readonly string[] | null;
  /** Relevant rows of each text query with their grades. */
  readonly judgements: readonly (readonly (readonly [row: number, grade: number])[])[] | null;
  /** Top 10 of each text query by plain BM25. */
  readonly reference: readonly (readonly number[])[] | null;
}

/** How much of a set is used. */
export interface Size {
  readonly rows: number;
  readonly queries: number;
}

/** Nearest rows known for each query. */
export const TRUTH_K = 10;

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const seed = 42;
const madeDimension = 384;

/** The folder of real sets: `GENNAKER_BENCH_DATA`, else `shared/data` beside the checkout, else null. */
export function dataFolder(): string | null {
  const named = process.env["GENNAKER_BENCH_DATA"];
  if (named !== undefined && named !== "") {
    const folder = resolve(named);
    if (!existsSync(folder)) throw new Error(`GENNAKER_BENCH_DATA names ${folder}, which does not exist`);
    return folder;
  }
  const beside = join(checkout, "..", "shared", "data");
  return existsSync(beside) ? beside : null;
}

interface Passage {
  readonly id: string | number;
  readonly title?: string;
  readonly text: string;
}

function textOf({ title, text }: Passage): string {
  return title === undefined || title === "" ? text : `${title} ${text}`;
}

/** Passages of technical documentation with MiniLM vectors and headings as text queries, or vectors made here. */
export async function vectorSet(folder: string | null, size: Size): Promise<DataSet> {
  const source = folder === null ? null : join(folder, "docs-passages-100k");
  if (source === null || !existsSync(source)) return madeVectors(size);
  const base = await readNpy(join(source, "minilm-docs-384.f16.npy.gz"), size.rows);
  const queries = await readNpy(join(source, "minilm-query-passages-384.f16.npy.gz"), size.queries);
  for (const { rows, dimension, values } of [base, queries])
    for (let row = 0; row < rows; row++) normalize(values.subarray(row * dimension, (row + 1) * dimension));
  return fromVectors(
    "docs-passages",
    "MiniLM embeddings of documentation, cosine",
    base.dimension,
    base.values,
    queries.values,
  );
}

function madeVectors(size: Size): DataSet {
  const intrinsic = 24;
  const count = size.rows + size.queries;
  const all = syntheticVectors({ count, dimension: madeDimension, intrinsic, clusters: 64, seed });
  const end = size.rows * madeDimension;
  const note = `made: clusters, intrinsic dimension ${intrinsic}, cosine`;
  return fromVectors("synthetic", note, madeDimension, all.subarray(0, end), all.subarray(end));
}

function fromVectors(
  name: string,
  note: string,
  dimension: number,
  vectors: Float32Array,
  queryVectors: Float32Array,
): DataSet {
  const rows = { first: 0, count: vectors.length / dimension, dimension, vectors, texts: null };
  const truth = exactNearest(rows, queryVectors, TRUTH_K);
  return { name, note, rows, queryVectors, truth, queryTexts: null, judgements: null, reference: null };
}

/** SciFact, whose judgements people made, or package documentation whose queries are words of one passage each. */
export function judgedTextSet(folder: string | null, size: Size): DataSet {
  const source = folder === null ? null : join(folder, "scifact");
  if (source === null || !existsSync(source)) return madeText(size);
  const corpus = readJsonLines<Passage>(packedOrNot(join(source, "corpus.jsonl")));
  const row = new Map(corpus.map(({ id }, row) => [String(id), row]));
  const queries = readJsonLines<Passage>(packedOrNot(join(source, "queries.jsonl")), size.queries);
  const qrels = readQrels(join(source, "qrels.tsv"));
  const judgements = queries.map(({ id }) =>
    qrels.flatMap(({ query, document, grade }) => {
      const at = query === String(id) && grade > 0 ? row.get(document) : undefined;
      return at === undefined ? [] : [[at, grade] as const];
    }),
  );
  // the whole corpus whatever the size: judgements of a part of it would mean nothing
  return fromTexts(
    "scifact",
    "scientific claims and abstracts, judged",
    corpus.map(textOf),
    queries.map(textOf),
    judgements,
  );
}

function madeText(size: Size): DataSet {
  const passages = packagePassages(join(checkout, "node_modules"), size.rows, seed);
  const { texts, rows } = knownItemQueries(passages, size.queries, seed);
  const judgements = rows.map((row) => [[row, 1] as const]);
  return fromTexts(
    "package-docs",
    "made: README passages of node_modules, known-item queries",
    passages,
    texts,
    judgements,
  );
}

/** Documentation passages with headings as queries: size rather than judgements. Null without real sets. */
export function largeTextSet(folder: string | null, size: Size): DataSet | null {
  const source = folder === null ? null : join(folder, "docs-passages-100k");
  if (source === null || !existsSync(source)) return null;
  const corpus = readJsonLines<Passage>(packedOrNot(join(source, "corpus.jsonl")), size.rows);
  const queries = readJsonLines<Passage>(packedOrNot(join(source, "queries.jsonl")), size.queries);
  const texts = corpus.map(({ text }) => text);
  return fromTexts("docs-passages", "documentation, headings as queries", texts, queries.map(textOf), null);
}

function fromTexts(
  name: string,
  note: string,
  texts: string[],
  queryTexts: string[],
  judgements: DataSet["judgements"],
): DataSet {
  const rows = { first: 0, count: texts.length, dimension: 0, vectors: null, texts };
  const reference = bm25(texts, queryTexts, 10);
  return { name, note, rows, queryVectors: null, truth: null, queryTexts, judgements, reference };
}

/** Documents with a vector and a text each, to be written. */
export async function ingestSet(folder: string | null, size: Size): Promise<DataSet> {
  const source = folder === null ? null : join(folder, "docs-passages-100k");
  const isReal = source !== null && existsSync(source);
  const texts = isReal
    ? readJsonLines<Passage>(packedOrNot(join(source, "corpus.jsonl")), size.rows).map(({ text }) => text)
    : packagePassages(join(checkout, "node_modules"), size.rows, seed);
  const base = isReal ? await readNpy(join(source, "minilm-docs-384.f16.npy.gz"), texts.length) : null;
  const dimension = base?.dimension ?? madeDimension;
  const made = { count: texts.length, dimension, intrinsic: 24, clusters: 64, seed };
  const vectors = base?.values ?? syntheticVectors(made);
  return {
    name: isReal ? "docs-passages" : "package-docs",
    note: `a text and ${dimension} floats each`,
    rows: { first: 0, count: texts.length, dimension, vectors, texts },
    queryVectors: null,
    truth: null,
    queryTexts: null,
    judgements: null,
    reference: null,
  };
}
