import type { TextFieldInfo } from "../../../model.ts";
import type { Row } from "../row.ts";
import { parseQuery, unitsOf, type QueryUnit } from "./query.ts";

const K1 = 1.2;
const B = 0.75;

/** Text scores of all rows for one query. */
export interface TextScores {
  /** Rows with at least one query term, each with its score above 0. */
  readonly scores: ReadonlyMap<Row, number>;
  /** U(q): the sum over the query's units of the largest impact in any row; no document can score more. */
  readonly bound: number;
}

/**
 * BM25F (FUSION.md, "Text leg defaults"): tf' = Σ weight · tf / (1 − b + b · length / average), impact = idf · tf' / (tf' + k1),
 * idf = ln(1 + (N − df + 0.5) / (df + 0.5)); averages over the rows that have the field. `rows` are all rows of the collection.
 */
export function scoreText(rows: readonly Row[], fields: readonly TextFieldInfo[], query: string): TextScores {
  const parts = parseQuery(query);
  const averages = new Map(fields.map((field) => [field.name, averageLength(rows, field.name)]));
  const byField = new Map(fields.map((field) => [field.name, unitsOf(parts, field.language)]));
  const scores = new Map<Row, number>();
  let bound = 0;
  const unitCount = Math.max(0, ...[...byField.values()].map((units) => units.length));
  for (let unit = 0; unit < unitCount; unit++) {
    const frequencies = new Map<Row, number>();
    for (const row of rows) {
      let tf = 0;
      for (const field of fields) {
        const wanted = byField.get(field.name)?.[unit];
        const count = wanted ? occurrences(row, field.name, wanted) : 0;
        if (count === 0) continue;
        const average = averages.get(field.name) ?? 0;
        const length = row.text.get(field.name)?.length ?? 0;
        tf += (field.weight * count) / (1 - B + (average > 0 ? (B * length) / average : 0));
      }
      if (tf > 0) frequencies.set(row, tf);
    }
    const df = frequencies.size;
    const idf = Math.log(1 + (rows.length - df + 0.5) / (df + 0.5));
    let largest = 0;
    for (const [row, tf] of frequencies) {
      const impact = (idf * tf) / (tf + K1);
      largest = Math.max(largest, impact);
      scores.set(row, (scores.get(row) ?? 0) + impact);
    }
    bound += largest;
  }
  return { scores, bound };
}

function averageLength(rows: readonly Row[], field: string): number {
  let [sum, count] = [0, 0];
  for (const row of rows) {
    const length = row.text.get(field)?.length ?? 0;
    sum += length;
    count += length > 0 ? 1 : 0;
  }
  return count > 0 ? sum / count : 0;
}

/** How often a unit occurs in a field: a word's frequency, or the places where a phrase begins. */
function occurrences(row: Row, field: string, unit: QueryUnit): number {
  const positions = row.text.get(field)?.positions;
  const [first, ...rest] = unit.terms;
  if (!positions || !first) return 0;
  const starts = positions.get(first.term) ?? [];
  return starts.filter((start) => rest.every(({ term, offset }) => positions.get(term)?.includes(start + offset))).length;
}
