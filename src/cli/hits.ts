import type { Hit } from "../model.ts";
import type { Output } from "./output.ts";

const LINES = 2;

/** A hit as a person reads it: rank, score, place and title on one line, the scores of both legs, then what it says. */
export function hitLines(hit: Hit, rank: number, query: string, output: Output): string[] {
  const { title, body } = partsOf(hit);
  const words = wordsOf(query);
  const head = [
    output.paint(["dim"], `${rank}.`.padStart(3)),
    output.paint(["green"], hit.score.toFixed(3)),
    highlight(output.safe(title), words, output, ["bold"]),
  ].join("  ");
  const legs = (["vector", "text"] as const)
    .map((leg) => (hit.scores[leg] === undefined ? "" : `${leg} ${hit.scores[leg].toFixed(3)}`))
    .filter((one) => one !== "");
  const where = output.paint(["dim"], [output.safe(placeOf(hit)), ...legs].join("  "));
  const indent = "     ";
  const said = excerpt(body, words, LINES * (output.width - indent.length));
  const wrapped = wrap(output.safe(said), output.width - indent.length);
  return [
    head,
    indent + where,
    ...firstLines(wrapped).map((line) => indent + highlight(line, words, output, ["underline"])),
  ];
}

function partsOf(hit: Hit): { title: string; body: string } {
  const { text } = hit;
  if (text === undefined || typeof text === "string") return { title: hit.id, body: text ?? "" };
  const { title, ...rest } = text;
  return { title: title ?? hit.id, body: Object.values(rest).join("\n") };
}

/** As many lines as fit; the last one says when there is more. */
function firstLines(lines: readonly string[]): string[] {
  if (lines.length <= LINES) return [...lines];
  return [...lines.slice(0, LINES - 1), `${(lines[LINES - 1] ?? "").replace(/…$/, "")}…`];
}

/** `docs/guide.md:12` when the metadata says so, else the id. */
function placeOf({ id, metadata }: Hit): string {
  const { path, startLine } = metadata ?? {};
  if (typeof path !== "string") return id;
  return typeof startLine === "number" ? `${path}:${startLine}` : path;
}

function wordsOf(query: string): string[] {
  return [...new Set(query.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu))];
}

/** The part of a text with the first word of the query, on one line. */
function excerpt(text: string, words: readonly string[], length: number): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  if (line.length <= length) return line;
  const lower = line.toLowerCase();
  const places = words.map((word) => lower.indexOf(word)).filter((at) => at >= 0);
  const first = places.length > 0 ? Math.min(...places) : 0;
  if (first < length * 0.7) return `${line.slice(0, length - 1).trimEnd()}…`.toWellFormed();
  const from = line.indexOf(" ", first - Math.floor(length / 3)) + 1;
  return `…${line.slice(from, from + length - 2).trim()}…`.toWellFormed();
}

/** Marks words of the query, and words that begin with one of at least four letters: `abort` marks `aborted`. */
function highlight(
  line: string,
  words: readonly string[],
  output: Output,
  styles: readonly ["bold" | "underline"],
): string {
  return line.replaceAll(/[\p{L}\p{N}]+/gu, (word) => {
    const lower = word.toLowerCase();
    const isMeant = words.some((one) => lower === one || (one.length >= 4 && lower.startsWith(one)));
    return isMeant ? output.paint([...styles, "yellow"], word) : word;
  });
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word.slice(0, width) : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}
