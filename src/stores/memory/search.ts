import type { EngineHit, EngineQuery } from "../../engine/port.ts";
import type { SchemaInfo } from "../../model.ts";
import type { MemoryCollection } from "./collection.ts";
import { fuse, meanAndDeviation } from "./fuse.ts";
import { hash, hashVector } from "./hash-embedder.ts";
import { compareUtf8 } from "./order.ts";
import type { Row } from "./row.ts";
import { checkVector } from "./schema-draft.ts";
import { analyze, indexTerm } from "./text/analyze.ts";
import { scoreText, type TextScores } from "./text/bm25.ts";
import { vectorScore } from "./vector.ts";

/** Documents whose vector scores tell how scores spread for a query. */
const SAMPLE = 1024;
const LAMBDA = 0.11;
/** Before the built-in embedder is fitted, and here it never is. */
const LAMBDA_HASH = 0.01;

interface Scored {
  readonly row: Row;
  readonly score: number;
}
/** The legs of one query: scores of any row; statistics are those of the namespace. */
interface Legs {
  readonly rows: readonly Row[];
  readonly text: TextScores | undefined;
  readonly vectorOf: ((row: Row) => number | undefined) | undefined;
  readonly lambda: number;
}

/** λ of balanced fusion: by what made the collection's vectors. */
export function lambdaOf(schema: SchemaInfo): number {
  return schema.embedding?.kind === "lsa" ? LAMBDA_HASH : LAMBDA;
}

/** Answers one parsed query by scoring every row of the namespace. */
export function searchCollection(collection: MemoryCollection, namespace: string, query: EngineQuery): EngineHit[] {
  const { schema } = collection;
  if (query.vector) checkVector(query.vector, schema.dimension, schema.metric);
  const rows = collection.rows(namespace);
  const admitted = query.filter ? collection.rows(namespace, query.filter) : rows;
  const text = query.text === undefined ? undefined : scoreText(rows, schema.text, query.text);
  const vector = query.vector ?? embed(rows, collection, query);
  const legs: Legs = {
    rows,
    text,
    vectorOf: vector && ((row) => row.vector && vectorScore(schema.metric, vector, row.vector)),
    lambda: lambdaOf(schema),
  };
  return rank(legs, admitted, query)
    .filter(({ score }) => query.minScore === undefined || score >= query.minScore)
    .slice(query.offset, query.offset + query.k)
    .map((one) => toHit(one, legs, query));
}

function rank(
  { rows, text, vectorOf, lambda }: Legs,
  admitted: readonly Row[],
  { kind, fusion }: EngineQuery,
): Scored[] {
  const byVector = vectorOf ? ranked(admitted, vectorOf) : [];
  const byText = text ? ranked(admitted, (row) => text.scores.get(row)) : [];
  if (kind === "vector") return byVector;
  if (!text || kind === "text") return byText;
  // No word of the query is known to the embedder: the formula without its vector term.
  if (!vectorOf) return byText.map(({ row, score }) => ({ row, score: score / text.bound }));
  const proposed = [...byText.slice(0, fusion.candidates), ...byVector.slice(0, fusion.candidates)];
  const union = [...new Set(proposed.map(({ row }) => row))].toSorted(byId);
  const candidates = union.map((row) => {
    const vector = vectorOf(row);
    return { text: text.scores.get(row) ?? 0, ...(vector === undefined ? {} : { vector }) };
  });
  const sample = rows.toSorted(bySample).slice(0, SAMPLE);
  const spread = meanAndDeviation(sample.map(vectorOf).filter((score) => score !== undefined));
  const scores = fuse(candidates, fusion, { ...spread, bound: text.bound, lambda });
  return union.map((row, i) => ({ row, score: scores[i] as number })).toSorted(byScore);
}

function ranked(rows: readonly Row[], scoreOf: (row: Row) => number | undefined): Scored[] {
  return rows
    .map((row) => ({ row, score: scoreOf(row) }))
    .filter((one): one is Scored => one.score !== undefined)
    .toSorted(byScore);
}

function byScore(a: Scored, b: Scored): number {
  return b.score - a.score || byId(a.row, b.row);
}

function byId(a: Row, b: Row): number {
  return compareUtf8(a.document.id, b.document.id);
}

/** The same documents for any history of the collection: those with the smallest hash of their key. */
function bySample(a: Row, b: Row): number {
  return sampleKey(a) - sampleKey(b) || byId(a, b);
}

function sampleKey({ namespace, document }: Row): number {
  return hash(`${namespace}\0${document.id}`);
}

/** The hash projection of the query's text, terms weighted by idf; none when no term is known. */
function embed(
  rows: readonly Row[],
  { schema }: MemoryCollection,
  { kind, text }: EngineQuery,
): Float32Array | undefined {
  if (schema.embedding?.kind !== "lsa" || kind !== "hybrid" || text === undefined) return undefined;
  const counts = new Map<string, number>();
  for (const token of analyze(text, schema.text[0]?.language ?? "english")) {
    if (token.counted) counts.set(indexTerm(token), (counts.get(indexTerm(token)) ?? 0) + 1);
  }
  return hashVector(counts, (term) => {
    const df = rows.filter((row) => [...row.text.values()].some((field) => field.positions.has(term))).length;
    return df === 0 ? 0 : Math.log(1 + (rows.length - df + 0.5) / (df + 0.5));
  });
}

function toHit({ row, score }: Scored, { text: texts, vectorOf }: Legs, { kind, include }: EngineQuery): EngineHit {
  const { id, text, metadata } = row.document;
  const vectorScoreOf = kind === "text" ? undefined : vectorOf?.(row);
  return {
    id,
    score,
    scores: {
      ...(vectorScoreOf === undefined ? {} : { vector: vectorScoreOf }),
      ...(texts ? { text: texts.scores.get(row) ?? 0 } : {}),
    },
    ...(include.text && text !== undefined ? { text } : {}),
    ...(include.metadata && metadata !== undefined ? { metadata } : {}),
    ...(include.vector && row.vector ? { vector: row.vector.slice() } : {}),
  };
}
