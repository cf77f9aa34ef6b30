import type { SearchResult } from "../../src/model.ts";
import { hitLines } from "../../src/cli/hits.ts";
import { Output } from "../../src/cli/output.ts";
import { ProgressLine } from "../../src/cli/progress.ts";
import { time } from "../../src/cli/units.ts";

/** The terminal, as the command line writes to it. */
export const output = new Output(process.stdout, process.stderr, false);
/** The line of progress on standard error, on a terminal. */
export const progress = new ProgressLine(output);

/** Prints a line, or several. */
export function say(text: string): void {
  progress.clear();
  console.log(text);
}

/** Begins a part of the demo. */
export function chapter(title: string): void {
  say(`\n${output.paint(["bold"], `== ${title}`)}`);
}

/** A question and its hits: scores of both legs, then who answered, from which generation, and how fast. */
export function highlighted(title: string, result: SearchResult, words: string): string {
  const { hits, engine, generation, tookMs } = result;
  return [
    `\n${output.paint(["cyan"], "?")} ${output.safe(title)}`,
    ...hits.flatMap((hit, i) => hitLines(hit, i + 1, words, output)),
    output.paint(["dim"], `     engine ${engine}, generation ${generation}, ${time(tookMs)}`),
  ].join("\n");
}
