import type { EngineHit, EngineQuery } from "../../engine/port.ts";
import { analyze, indexTerm } from "./text/analyze.ts";
import { scoreText } from "./text/bm25.ts";
import type { MemoryCollection } from "./collection.ts";
import { fuse, meanAndDeviation, type Candidate } from "./fuse.ts";
import { hash, hashVector } from "./hash-embedder.ts";
import { compareUtf8 } from "./order.ts";
import type { Row } from "./row.ts";
import { checkVector } from "./schema-draft.ts";
import { vectorScore } from "./vector.ts";

const SAMPLE = 1024;
const LAMBDA = 0.11;
/** Before the built-in embedder is fitted, and here it never is. */
const LAMBDA_HASH = 0.01;

interface Found {
  readonly row: Row;
  readonly score: number;
  readonly candidate: Candidate;
}

/** Answers one parsed query by scoring every row. */
export function searchCollection(collection: MemoryCollection, namespace: string, query: EngineQuery): EngineHit[] {
  const { schema } = collection;
  if (query.vector) checkVector(query.vector, schema.dimension, schema.metric);
  const rows = collection.rows(namespace, query.filter);
  const all = query.kind === "vector" ? [] : collection.allRows();
  const text = query.text === undefined ? undefined : scoreText(all, schema.text, query.text);
  const vector =
    query.vector ??
    (query.kind === "hybrid" && query.text !== undefined ? embed(all, collection, query.text) : undefined);
  const scoreOf = (row: Row): number | undefined =>
    vector && row.vector ? vectorScore(schema.metric, vector, row.vector) : undefined;

  const vectorList = vector ? ranked(rows, scoreOf) : [];
  const textList = text ? ranked(rows, (row) => text.scores.get(row)) : [];
  let found: Found[];
  if (query.kind === "vector") found = vectorList.map((one) => ({ ...one, candidate: { vector: one.score } }));
  else if (query.kind === "text") found = textList.map((one) => ({ ...one, candidate: { text: one.score } }));
  else {
    const ranks = (list: readonly Ranked[]): Map<Row, number> =>
      new Map(list.slice(0, query.fusion.candidates).map(({ row }, i) => [row, i + 1]));
    const [vectorRanks, textRanks] = [ranks(vectorList), ranks(textList)];
    const union = [...new Set([...vectorRanks.keys(), ...textRanks.keys()])];
    const candidates = union.map((row) =>
      candidateOf(row, scoreOf(row), text?.scores.get(row) ?? 0, vectorRanks, textRanks),
    );
    const sample = all
      .filter((row) => row.vector !== undefined)
      .toSorted(bySample)
      .slice(0, SAMPLE);
    const moments = meanAndDeviation(vector ? sample.map((row) => scoreOf(row) as number) : []);
    const lambda = schema.embedding?.kind === "lsa" ? LAMBDA_HASH : LAMBDA;
    const scores = fuse(candidates, query.fusion, { ...moments, bound: text?.bound ?? 0, lambda });
    found = union
      .map((row, i) => ({ row, score: scores[i] as number, candidate: candidates[i] as Candidate }))
      .toSorted(byScore);
  }
  return found
    .filter((one) => query.minScore === undefined || one.score >= query.minScore)
    .slice(query.offset, query.offset + query.k)
    .map((one) => toHit(one, query.include));
}

interface Ranked {
  readonly row: Row;
  readonly score: number;
}

function byScore(a: Ranked, b: Ranked): number {
  return b.score - a.score || compareUtf8(a.row.document.id, b.row.document.id);
}

function ranked(rows: readonly Row[], score: (row: Row) => number | undefined): Ranked[] {
  return rows
    .map((row) => ({ row, score: score(row) }))
    .filter((one): one is Ranked => one.score !== undefined)
    .toSorted(byScore);
}

function candidateOf(
  row: Row,
  vector: number | undefined,
  text: number,
  vectorRanks: ReadonlyMap<Row, number>,
  textRanks: ReadonlyMap<Row, number>,
): Candidate {
  const [vectorRank, textRank] = [vectorRanks.get(row), textRanks.get(row)];
  return {
    text,
    ...(vector === undefined ? {} : { vector }),
    ...(vectorRank === undefined ? {} : { vectorRank }),
    ...(textRank === undefined ? {} : { textRank }),
  };
}

/** The same documents for any split of the collection: those with the smallest hash of their key. */
function bySample(a: Row, b: Row): number {
  const key = (row: Row): number => hash(`${row.namespace}\0${row.document.id}`);
  return key(a) - key(b) || compareUtf8(a.document.id, b.document.id);
}

/** The query's hash projection, terms weighted by idf; none when no term is known. */
function embed(rows: readonly Row[], collection: MemoryCollection, text: string): Float32Array | undefined {
  if (collection.schema.embedding?.kind !== "lsa") return undefined;
  const language = collection.schema.text[0]?.language ?? "english";
  const counts = new Map<string, number>();
  for (const token of analyze(text, language)) {
    if (token.counted) counts.set(indexTerm(token), (counts.get(indexTerm(token)) ?? 0) + 1);
  }
  return hashVector(counts, (term) => {
    const df = rows.filter((row) => [...row.text.values()].some((field) => field.positions.has(term))).length;
    return df === 0 ? 0 : Math.log(1 + (rows.length - df + 0.5) / (df + 0.5));
  });
}

function toHit({ row, score, candidate }: Found, include: EngineQuery["include"]): EngineHit {
  const { id, text, metadata } = row.document;
  return {
    id,
    score,
    scores: {
      ...(candidate.vector === undefined ? {} : { vector: candidate.vector }),
      ...(candidate.text === undefined ? {} : { text: candidate.text }),
    },
    ...(include.text && text !== undefined ? { text } : {}),
    ...(include.metadata && metadata !== undefined ? { metadata } : {}),
    ...(include.vector && row.vector ? { vector: row.vector.slice() } : {}),
  };
}
