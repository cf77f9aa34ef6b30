/** A doc comment with the declaration that it stands before. */
export interface DocComment {
  /** Between the marks that open and close it. */
  readonly text: string;
  /** Up to its `;`, its body or its comma; empty when the comment stands alone. */
  readonly declaration: string;
  /** Openings of the bodies around it, outermost first: `declare module "x"`, `interface Options`. */
  readonly containers: readonly string[];
  readonly startLine: number;
  readonly endLine: number;
}

interface Open {
  readonly text: string;
  readonly startLine: number;
  readonly containers: readonly string[];
}

const NAMED = /(?:^|\s)(?:class|interface|enum|namespace|module|global|type|const|let|var)\s|^[\w$"'[\]]+\??\s*:\s*$/;
const MAX_HEAD = 2_000;

/**
 * Doc comments of TypeScript declarations, in one pass over the text. Knows strings, comments and brackets, which is all it takes
 * to tell a body from the braces of a type; time and memory grow with the text alone.
 */
export function* comments(text: string): Generator<DocComment> {
  const bodies: string[] = [];
  const brackets: string[] = [];
  let open: Open | undefined;
  let head = "";
  let line = 1;
  const add = (piece: string): void => {
    if (head.length < MAX_HEAD) head += piece;
  };
  const finish = (): DocComment | undefined => {
    const found = open && { ...open, declaration: head.trim(), endLine: line };
    open = undefined;
    return found;
  };
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? "";
    if (char === "\n") line += 1;
    if (char === "/" && (text[i + 1] === "/" || text[i + 1] === "*")) {
      const isBlock = text[i + 1] === "*";
      const end = text.indexOf(isBlock ? "*/" : "\n", i + 2);
      const to = end < 0 ? text.length : end;
      const isDoc = isBlock && text[i + 2] === "*" && to > i + 3;
      const startLine = line;
      line += count(text, i, to);
      // inside a parameter list or a type a comment belongs to the declaration around it
      if (isDoc && brackets.length === 0) {
        if (open && head.trim() === "") yield { ...open, declaration: "", endLine: startLine };
        open = { text: text.slice(i + 3, to), startLine, containers: bodies.filter((one) => one !== "") };
        head = "";
      }
      i = isBlock ? to + 1 : to - 1;
    } else if (char === '"' || char === "'" || char === "`") {
      const end = endOfString(text, i, char);
      line += count(text, i, end);
      add(text.slice(i, end + 1));
      i = end;
    } else if (char === "(" || char === "[" || char === "<") {
      if (char !== "<" || /[\w$]\s*$/.test(head.slice(-40))) brackets.push(char);
      add(char);
    } else if (char === ")" || char === "]" || (char === ">" && text[i - 1] !== "=")) {
      if (brackets.at(-1) === { ")": "(", "]": "[", ">": "<" }[char]) brackets.pop();
      add(char);
    } else if (char === "{" && brackets.length > 0) {
      brackets.push(char);
      add(char);
    } else if (char === "}" && brackets.length > 0) {
      while (brackets.length > 0 && brackets.pop() !== "{");
      add(char);
    } else if (char === "{" || char === "}" || char === ";" || char === ",") {
      if (brackets.length > 0 || (char === "," && bodies.length === 0)) {
        add(char);
        continue;
      }
      const found = finish();
      if (found) yield found;
      if (char === "{") bodies.push(NAMED.test(head.trim()) ? head.trim() : "");
      if (char === "}") bodies.pop();
      head = "";
    } else add(char);
  }
  const last = finish();
  if (last) yield last;
}

/** Index of the quote that ends a string; of the last character before a line break when it does not end on its line. */
function endOfString(text: string, start: number, quote: string): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "\\") i += 1;
    else if (text[i] === quote) return i;
    else if (text[i] === "\n" && quote !== "`") return i - 1;
  }
  return text.length - 1;
}

/** Line breaks in `text[from, to)`. */
function count(text: string, from: number, to: number): number {
  let lines = 0;
  for (let i = text.indexOf("\n", from); i >= 0 && i < to; i = text.indexOf("\n", i + 1)) lines += 1;
  return lines;
}
