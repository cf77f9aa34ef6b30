/** The known word nearest to `word`, when it is near enough to be meant: one edit in three letters. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const one of known) {
    const edits = distance(word.toLowerCase(), one.toLowerCase());
    if (edits < least) [best, least] = [one, edits];
  }
  return best ?? known.find((one) => word.length >= 2 && one.startsWith(word));
}

/** Edits (insert, delete, replace, swap of neighbours) between two short words: Damerau 1964, optimal string alignment. */
function distance(a: string, b: string): number {
  if (Math.max(a.length, b.length) > 40) return 40;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let edits = Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        edits = Math.min(edits, (before[j - 2] ?? 0) + 1);
      next.push(edits);
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 40;
}
