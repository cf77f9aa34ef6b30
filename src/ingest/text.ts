import { pack, type Block, type Passage } from "./passage.ts";

/** Splits plain text at blank lines. */
export function splitText(text: string): Passage[] {
  return pack(paragraphs(text.split("\n"), 1), []);
}

/** Runs of lines that are not blank. `startLine` is the number of `lines[0]`. */
export function* paragraphs(lines: readonly string[], startLine: number): Generator<Block> {
  let from = -1;
  for (let i = 0; i <= lines.length; i++) {
    const isBlank = (lines[i] ?? "").trim() === "";
    if (!isBlank && from < 0) from = i;
    if (!isBlank || from < 0) continue;
    const text = lines
      .slice(from, i)
      .map((line) => line.trimEnd())
      .join("\n");
    yield { text, startLine: startLine + from, endLine: startLine + i - 1 };
    from = -1;
  }
}
