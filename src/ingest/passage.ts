/** What a file is read as. */
export type Format = "markdown" | "text" | "html" | "jsonl" | "csv" | "code" | "declarations";

/** A piece of a file that answers a question by itself. Lines are 1-based and inclusive. */
export interface Passage {
  /** Names of the places that it stands in, outermost first: headings, or a container and its member. */
  readonly trail: readonly string[];
  readonly text: string;
  readonly startLine: number;
  readonly endLine: number;
  /** The record that it came from, in files of records. */
  readonly record?: { readonly [field: string]: unknown };
}

/** One line, or several that must stay together, with where it begins. */
export interface Block {
  readonly text: string;
  readonly startLine: number;
  readonly endLine: number;
}

/** Characters that a passage aims for: a few paragraphs, short enough that one subject decides what it is found by. */
export const TARGET_LENGTH = 1_200;
/** Characters of the longest passage; a longer block is cut at lines, then at spaces. */
export const MAX_LENGTH = 2_400;

/** Joins neighbouring blocks into passages of about {@link TARGET_LENGTH} characters; nothing is lost, nothing overlaps. */
export function pack(blocks: Iterable<Block>, trail: readonly string[], separator = "\n\n"): Passage[] {
  const passages: Passage[] = [];
  let open: Block[] = [];
  let length = 0;
  const close = (): void => {
    const [first, last] = [open[0], open.at(-1)];
    if (first && last) {
      const text = open.map((block) => block.text).join(separator);
      passages.push({ trail, text, startLine: first.startLine, endLine: last.endLine });
    }
    open = [];
    length = 0;
  };
  for (const whole of blocks) {
    for (const block of cut(whole)) {
      if (block.text.trim() === "") continue;
      if (open.length > 0 && length + block.text.length > TARGET_LENGTH) close();
      open.push(block);
      length += block.text.length;
    }
  }
  close();
  return passages;
}

/** A block of at most {@link MAX_LENGTH} characters is itself; a longer one becomes several, cut at lines, then at spaces. */
export function* cut(block: Block): Generator<Block> {
  if (block.text.length <= MAX_LENGTH) {
    yield block;
    return;
  }
  let open: { readonly text: string; readonly line: number }[] = [];
  let length = 0;
  const close = (): Block => {
    const text = open.map((piece) => piece.text).join("\n");
    return { text, startLine: open[0]?.line ?? block.startLine, endLine: open.at(-1)?.line ?? block.endLine };
  };
  for (const [i, whole] of block.text.split("\n").entries()) {
    for (const text of cutLine(whole)) {
      if (length > 0 && length + text.length > TARGET_LENGTH) {
        yield close();
        [open, length] = [[], 0];
      }
      open.push({ text, line: Math.min(block.startLine + i, block.endLine) });
      length += text.length + 1;
    }
  }
  yield close();
}

/** One line as pieces of at most {@link MAX_LENGTH} characters, cut at the last space, never inside a surrogate pair. */
function cutLine(line: string): string[] {
  const pieces: string[] = [];
  let rest = line;
  while (rest.length > MAX_LENGTH) {
    const space = rest.lastIndexOf(" ", MAX_LENGTH);
    let end = space > MAX_LENGTH / 2 ? space : MAX_LENGTH;
    if (/[\uD800-\uDBFF]/.test(rest[end - 1] ?? "")) end -= 1;
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  pieces.push(rest);
  return pieces;
}
