import { plain } from "./inline.ts";
import { pack, type Block, type Passage } from "./passage.ts";

const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const UNDERLINE = /^ {0,3}(=+|-+)[ \t]*$/;
const DEFINITION = /^ {0,3}\[[^\]]{1,200}\]:\s/;

interface Section {
  readonly trail: readonly string[];
  readonly blocks: Block[];
}

/**
 * Splits Markdown at its headings, and long sections at paragraphs; fenced code stays whole as long as it fits.
 * Links, images and HTML become the words that a reader sees.
 */
export function splitMarkdown(text: string): Passage[] {
  const reader = new Reader();
  const lines = text.split("\n");
  const body = frontMatterEnd(lines);
  for (let i = body; i < lines.length; i++) reader.read(lines[i] ?? "", i + 1);
  return reader.finish(lines.length).flatMap(({ trail, blocks }) => pack(blocks, trail));
}

/** Reads line by line and keeps what is open: the headings above, the paragraph, the fence, the comment. */
class Reader {
  readonly #sections: Section[] = [{ trail: [], blocks: [] }];
  #headings: { readonly level: number; readonly title: string }[] = [];
  #lines: string[] = [];
  #start = 0;
  #fence: string | undefined;
  #isComment = false;

  read(line: string, number: number): void {
    if (this.#fence !== undefined) {
      this.#add(line, number);
      if (isClosing(line, this.#fence)) {
        this.#fence = undefined;
        this.#close(number);
      }
      return;
    }
    if (this.#isComment || line.trimStart().startsWith("<!--")) {
      this.#isComment = !line.includes("-->");
      return;
    }
    const fence = FENCE.exec(line)?.[1];
    if (fence !== undefined) {
      this.#fence = fence;
      this.#add(line, number);
      return;
    }
    const heading = HEADING.exec(line);
    if (heading) {
      this.#close(number - 1);
      this.#open(heading[1]?.length ?? 1, heading[2] ?? "");
    } else if (UNDERLINE.test(line) && this.#lines.length === 1) {
      const title = this.#lines.join(" ");
      this.#lines = [];
      this.#open(line.includes("=") ? 1 : 2, title);
    } else if (line.trim() === "") this.#close(number - 1);
    else if (!DEFINITION.test(line)) this.#add(line, number);
  }

  finish(lastLine: number): Section[] {
    this.#close(lastLine);
    return this.#sections;
  }

  #add(line: string, number: number): void {
    if (this.#lines.length === 0) this.#start = number;
    this.#lines.push(line.trimEnd());
  }

  /** Ends the paragraph. Code is kept as it stands, prose loses its marks. */
  #close(endLine: number): void {
    if (this.#lines.length === 0) return;
    const isCode = FENCE.test(this.#lines[0] ?? "");
    const text = isCode ? unfence(this.#lines) : this.#lines.map(plain).join("\n").trim();
    if (text !== "") this.#sections.at(-1)?.blocks.push({ text, startLine: this.#start, endLine });
    this.#lines = [];
  }

  #open(level: number, title: string): void {
    this.#headings = this.#headings.filter((one) => one.level < level);
    const words = plain(title).trim();
    if (words !== "") this.#headings.push({ level, title: words });
    this.#sections.push({ trail: this.#headings.map((one) => one.title), blocks: [] });
  }
}

function isClosing(line: string, fence: string): boolean {
  const mark = line.trim();
  return mark.length >= fence.length && mark === (fence[0] ?? "").repeat(mark.length);
}

function unfence(lines: readonly string[]): string {
  const isClosed = lines.length > 1 && FENCE.test(lines.at(-1) ?? "");
  return lines.slice(1, isClosed ? -1 : undefined).join("\n");
}

/** Index of the first line after a YAML or TOML front matter, 0 without one. */
function frontMatterEnd(lines: readonly string[]): number {
  const mark = lines[0]?.trimEnd();
  if (mark !== "---" && mark !== "+++") return 0;
  const end = lines.indexOf(mark, 1);
  return end > 0 && end < 200 ? end + 1 : 0;
}
