const k1 = 1.2;
const b = 0.75;

/** Lower-case runs of letters and digits after NFKD to ASCII: the plain tokens of the reference, no stemmer, no stop words. */
export function words(text: string): string[] {
  return (
    text
      .normalize("NFKD")
      .replaceAll(/\P{ASCII}/gu, "")
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? []
  );
}

/**
 * Exact top `k` of each query by BM25 in Lucene's formula (Robertson et al. 1994; k1 1.2, b 0.75, terms OR-ed), best first,
 * ties by lower row: the reference that tells an engine with other words from an engine that is wrong.
 */
export function bm25(documents: readonly string[], queries: readonly string[], k: number): number[][] {
  const postings = new Map<string, { rows: number[]; counts: number[] }>();
  const lengths = documents.map((document, row) => {
    const counts = new Map<string, number>();
    const tokens = words(document);
    for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
    for (const [token, count] of counts) {
      let list = postings.get(token);
      if (list === undefined) postings.set(token, (list = { rows: [], counts: [] }));
      list.rows.push(row);
      list.counts.push(count);
    }
    return tokens.length;
  });
  const mean = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length);
  return queries.map((query) => {
    const scores = new Map<number, number>();
    for (const token of words(query)) {
      const list = postings.get(token);
      if (list === undefined) continue;
      const n = list.rows.length;
      const idf = Math.log(1 + (documents.length - n + 0.5) / (n + 0.5));
      list.rows.forEach((row, i) => {
        const tf = list.counts[i] ?? 0;
        const norm = k1 * (1 - b + (b * (lengths[row] ?? 0)) / mean);
        scores.set(row, (scores.get(row) ?? 0) + (idf * tf) / (tf + norm));
      });
    }
    return [...scores]
      .toSorted((left, right) => right[1] - left[1] || left[0] - right[0])
      .slice(0, k)
      .map(([row]) => row);
  });
}
