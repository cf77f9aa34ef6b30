import { analyze, indexTerm } from "./analyze.ts";

/** A word or a quoted phrase of a query, before analysis. */
export interface QueryPart {
  readonly kind: "word" | "phrase";
  readonly text: string;
}
/** One thing that is scored: index terms at relative positions; a word has one. */
export interface QueryUnit {
  readonly terms: readonly { readonly term: string; readonly offset: number }[];
}

/** Cuts a query into words and `"quoted phrases"`. A quote that never closes is only a character. */
export function parseQuery(query: string): QueryPart[] {
  const parts: QueryPart[] = [];
  let at = 0;
  for (const match of query.matchAll(/"([^"]*)"/g)) {
    parts.push({ kind: "word", text: query.slice(at, match.index) }, { kind: "phrase", text: match[1] ?? "" });
    at = match.index + match[0].length;
  }
  parts.push({ kind: "word", text: query.slice(at) });
  return parts.filter((part) => part.text.trim() !== "");
}

/** What the parts mean in a field of this language: distinct units. Uncounted words rank only when nothing else is there. */
export function unitsOf(parts: readonly QueryPart[], language: string): QueryUnit[] {
  const units = new Map<string, QueryUnit>();
  const uncounted = new Map<string, QueryUnit>();
  for (const part of parts) {
    const tokens = analyze(part.text, language);
    if (part.kind === "phrase" && tokens.length > 1) {
      const first = tokens[0]?.position ?? 0;
      const terms = tokens.map((token) => ({ term: indexTerm(token), offset: token.position - first }));
      units.set(JSON.stringify(terms), { terms });
      continue;
    }
    for (const token of tokens) {
      const term = indexTerm(token);
      (token.counted ? units : uncounted).set(term, { terms: [{ term, offset: 0 }] });
    }
  }
  return [...(units.size > 0 ? units : uncounted).values()];
}
