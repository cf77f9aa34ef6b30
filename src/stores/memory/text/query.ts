import { analyze, indexTerm } from "./analyze.ts";

/** Index terms at distances from the first; a word has one. */
export type Clause = readonly { readonly term: string; readonly offset: number }[];
/** One word or phrase of a query: what it asks for in each language, where it counts there. */
export type QueryTerm = ReadonlyMap<string, Clause>;

/**
 * The distinct words and `"quoted phrases"` of a query, each in every language of the searched fields. A quote without a partner
 * is nothing. Words that do not count are left out unless the query has nothing else; phrases keep them.
 */
export function analyzeQuery(query: string, languages: readonly string[]): QueryTerm[] {
  const pieces = query.split('"');
  const isQuoted = (i: number): boolean => i % 2 === 1 && i + 1 < pieces.length;
  const phrases = new Map<number, Map<string, Clause>>();
  const words = new Map<string, Map<string, Clause>>();
  for (const language of languages) {
    const found: { at: string; clause: Clause; counted: boolean }[] = [];
    pieces.forEach((piece, i) => {
      const tokens = analyze(piece, language);
      if (isQuoted(i)) {
        const first = tokens[0]?.position ?? 0;
        const clause = tokens.map((token) => ({ term: indexTerm(token), offset: token.position - first }));
        if (clause.length > 0) entry(phrases, i).set(language, clause);
        return;
      }
      for (const token of tokens) {
        found.push({
          at: `${i}:${token.position}`,
          clause: [{ term: indexTerm(token), offset: 0 }],
          counted: token.counted,
        });
      }
    });
    const isNothingElse = phrases.size === 0 && found.every((one) => !one.counted);
    for (const one of found) if (one.counted || isNothingElse) entry(words, one.at).set(language, one.clause);
  }
  const terms = [...words.values(), ...phrases.values()];
  return [...new Map(terms.map((term) => [JSON.stringify([...term]), term])).values()];
}

function entry<K>(terms: Map<K, Map<string, Clause>>, key: K): Map<string, Clause> {
  const known = terms.get(key) ?? new Map<string, Clause>();
  terms.set(key, known);
  return known;
}
