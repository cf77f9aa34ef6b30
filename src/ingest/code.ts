import { pack, type Block, type Passage } from "./passage.ts";

const DECLARATION =
  /^(?:(?:export|default|declare|public|private|protected|internal|static|final|abstract|async|pub(?:\([^)]{0,40}\))?|unsafe|const(?=\s+fn)|extern|inline|sealed|data|open|local)\s+)*(?:function\*?|class|interface|type|enum|namespace|module|const|let|var|fn|struct|trait|impl|mod|def|func|fun|object|record|protocol|extension|message|service|sub|create\s+(?:or\s+replace\s+)?(?:table|view|function|index))\s+(?:<[^<>]{0,80}>\s*)?([\p{L}_$][\p{L}\p{N}_$.:]{0,120})/iu;
const METHOD_OF_GO = /^func\s+\([^)]{0,80}\)\s+(\w{1,120})/;
const CLOSING = /^(?:[)\]}>]|end\b|else\b|elif\b|except\b|finally\b|catch\b|EOF\b|fi\b|done\b|esac\b)/;
const COMMENT = /^(?:\/\/|\/\*|\*|#(?!\s*(?:include|define|if|pragma))|--|@|;|%|"""|''')/;

/**
 * Splits source code at what stands at the left margin: each declaration with the comments and attributes above it.
 * No parser: the margin is where most languages put what belongs together, and nothing is lost when one does not.
 */
export function splitCode(text: string): Passage[] {
  const passages: Passage[] = [];
  let unnamed: Block[] = [];
  const flush = (): void => {
    passages.push(...pack(unnamed, []));
    unnamed = [];
  };
  for (const { block, name } of declarations(text.split("\n"))) {
    if (name === undefined) {
      unnamed.push(block);
      continue;
    }
    flush();
    passages.push(...pack([block], [name]));
  }
  flush();
  return passages;
}

interface Declaration {
  readonly block: Block;
  readonly name: string | undefined;
}

function* declarations(lines: readonly string[]): Generator<Declaration> {
  let start = Math.max(
    0,
    lines.findIndex((line) => line.trim() !== ""),
  );
  let name: string | undefined;
  let comment = -1;
  const end = (to: number): Declaration => ({
    name,
    block: { text: lines.slice(start, to).join("\n").trimEnd(), startLine: start + 1, endLine: lastWritten(lines, to) },
  });
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") {
      if (name === undefined) comment = -1;
      continue;
    }
    const isMargin = !/^\s/.test(line) && !CLOSING.test(line);
    if (!isMargin) continue;
    if (COMMENT.test(line)) {
      if (comment < 0) comment = i;
      continue;
    }
    const found = METHOD_OF_GO.exec(line)?.[1] ?? DECLARATION.exec(line)?.[1];
    const from = comment < 0 ? i : comment;
    comment = -1;
    if (found === undefined && name === undefined) continue;
    if (from > start) yield end(from);
    start = from;
    name = found;
  }
  if (start < lines.length) yield end(lines.length);
}

/** 1-based number of the last line before `to` that is not blank. */
function lastWritten(lines: readonly string[], to: number): number {
  let last = to;
  while (last > 1 && (lines[last - 1] ?? "").trim() === "") last -= 1;
  return last;
}
