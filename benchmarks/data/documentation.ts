import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { words } from "./bm25.ts";
import { Random } from "./random.ts";

/** Passages of the Markdown that packages bring along: text that every checkout has. At most `count`, in a seeded order. */
export function packagePassages(folder: string, count: number, seed: number): string[] {
  const passages = new Set<string>();
  for (const file of markdownFiles(folder)) {
    if (passages.size >= 4 * count) break;
    for (const passage of split(readFileSync(file, "utf8"))) passages.add(passage);
  }
  return new Random(seed).shuffle([...passages]).slice(0, count);
}

/**
 * Queries that a known passage answers: a few of its rarer words, in their order. `rows[i]` is the passage that `texts[i]` was
 * taken from.
 */
export function knownItemQueries(
  passages: readonly string[],
  count: number,
  seed: number,
): { texts: string[]; rows: number[] } {
  const documents = passages.map((passage) => words(passage));
  const frequency = new Map<string, number>();
  for (const document of documents)
    for (const word of new Set(document)) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  const random = new Random(seed);
  const order = random.shuffle(passages.map((_, row) => row)).slice(0, count);
  const texts = order.map((row) => {
    const distinct = [...new Set(documents[row])].filter((word) => word.length > 2);
    const rare = distinct.toSorted((a, b) => (frequency.get(a) ?? 0) - (frequency.get(b) ?? 0) || (a < b ? -1 : 1));
    const chosen = new Set(random.shuffle(rare.slice(0, Math.max(6, rare.length >> 1))).slice(0, 4));
    return distinct.filter((word) => chosen.has(word)).join(" ");
  });
  return { texts, rows: order };
}

/** Sections between headings, packed to 40 to 200 words; what is shorter is left out. */
function* split(markdown: string): Generator<string, void, undefined> {
  for (const section of markdown.split(/^(?=#{1,6} )/m)) {
    const tokens = section.split(/\s+/).filter((token) => token !== "");
    for (let from = 0; from + 40 <= tokens.length; from += 200) yield tokens.slice(from, from + 200).join(" ");
  }
}

/** In ascending order of path, so that every machine with the same packages reads the same. */
function* markdownFiles(folder: string): Generator<string, void, undefined> {
  const entries = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !entry.name.startsWith(".")) yield* markdownFiles(path);
    else if (entry.isFile() && entry.name.endsWith(".md")) yield path;
  }
}
