import type { TextFieldInfo } from "../../../model.ts";
import type { Row } from "../row.ts";
import { analyzeQuery, type Clause, type QueryTerm } from "./query.ts";

const K1 = 1.2;
const B = 0.75;
/** Of a query with more distinct terms only the rarest count. */
const MAX_TERMS = 1024;

/** Text scores of all rows for one query. */
export interface TextScores {
  /** Rows with at least one query term, each with its score above 0. */
  readonly scores: ReadonlyMap<Row, number>;
  /** U(q): the sum over the query's terms of the largest impact in any row; no document can score more. */
  readonly bound: number;
}

/**
 * BM25F (FUSION.md, "Text leg defaults"): tf' = Σ weight · tf / (1 − b + b · length / average), impact = idf · tf' / (tf' + k1),
 * idf = ln(1 + (N − df + 0.5) / (df + 0.5)); averages over the rows that have the field. `rows` are all rows of the collection.
 */
export function scoreText(rows: readonly Row[], fields: readonly TextFieldInfo[], query: string): TextScores {
  const averages = new Map(fields.map((field) => [field.name, averageLength(rows, field.name)]));
  const frequency = (row: Row, term: QueryTerm): number => {
    let tf = 0;
    for (const { name, weight, language } of fields) {
      const count = occurrences(row, name, term.get(language) ?? []);
      const average = averages.get(name) ?? 0;
      const length = row.text.get(name)?.length ?? 0;
      if (count > 0) tf += (weight * count) / (1 - B + (length > 0 ? (B * length) / average : 0));
    }
    return tf;
  };
  const terms = analyzeQuery(query, [...new Set(fields.map((field) => field.language))])
    .map((term) => rows.map((row) => ({ row, tf: frequency(row, term) })).filter(({ tf }) => tf > 0))
    .toSorted((a, b) => a.length - b.length)
    .slice(0, MAX_TERMS);

  const scores = new Map<Row, number>();
  let bound = 0;
  for (const postings of terms) {
    const idf = Math.log(1 + (rows.length - postings.length + 0.5) / (postings.length + 0.5));
    const impacts = postings.map(({ row, tf }) => ({ row, impact: (idf * tf) / (tf + K1) }));
    for (const { row, impact } of impacts) scores.set(row, (scores.get(row) ?? 0) + impact);
    bound += impacts.reduce((largest, { impact }) => Math.max(largest, impact), 0);
  }
  return { scores, bound };
}

function averageLength(rows: readonly Row[], field: string): number {
  const lengths = rows.map((row) => row.text.get(field)?.length ?? 0).filter((length) => length > 0);
  return lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
}

/** How often a clause occurs in a field: a word's frequency, or the places where a phrase begins. */
function occurrences(row: Row, field: string, [first, ...rest]: Clause): number {
  const positions = row.text.get(field)?.positions;
  const starts = (first && positions?.get(first.term)) ?? [];
  return starts.filter((start) => rest.every(({ term, offset }) => positions?.get(term)?.includes(start + offset)))
    .length;
}
