import { pack, type Block, type Passage } from "./passage.ts";

const HIDDEN = new Set(["script", "style", "template", "noscript", "svg", "head", "nav", "iframe", "object"]);
const INLINE = new Set(
  "a abbr b bdi bdo cite code data dfn em font i kbd label mark q s samp small span strong sub sup time tt u var wbr".split(
    " ",
  ),
);
// the names of U+00A0 to U+00FF, in order
const LATIN_1 = (
  "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para " +
  "middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute " +
  "Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute " +
  "THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde " +
  "ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml"
).split(" ");
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ...LATIN_1.map((name, i): [string, string] => [name, String.fromCharCode(0xa0 + i)]),
  ...Object.entries({ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " ", shy: "", trade: "™", euro: "€" }),
  ...Object.entries({ ndash: "–", mdash: "—", hellip: "…", lsquo: "‘", rsquo: "’", ldquo: "“", rdquo: "”" }),
  ...Object.entries({ bull: "•", larr: "←", rarr: "→" }),
]);
const MAX_TAG = 65_536;

/** Splits HTML at its headings; scripts, styles and navigation are left out, entities become characters. */
export function splitHtml(html: string): Passage[] {
  const reader = new Reader();
  for (const token of tokens(html)) reader.read(token);
  return reader.finish().flatMap(({ trail, blocks }) => pack(blocks, trail));
}

interface Token {
  /** Lower-case name of a tag, `/name` when it closes; absent for text. */
  readonly tag?: string;
  readonly text: string;
  readonly line: number;
}

/** Tags and the text between them, in one pass. A `<` that begins no tag is text. */
function* tokens(html: string): Generator<Token> {
  let line = 1;
  let at = 0;
  const advance = (to: number): number => {
    const from = line;
    for (let i = html.indexOf("\n", at); i >= 0 && i < to; i = html.indexOf("\n", i + 1)) line += 1;
    at = to;
    return from;
  };
  while (at < html.length) {
    const open = html.indexOf("<", at);
    if (open < 0) {
      yield { text: html.slice(at), line };
      return;
    }
    if (open > at) {
      const text = html.slice(at, open);
      yield { text, line: advance(open) };
    }
    if (html.startsWith("<!--", open)) {
      const end = html.indexOf("-->", open + 4);
      advance(end < 0 ? html.length : end + 3);
      continue;
    }
    const name = /^<([/!?]?[A-Za-z][A-Za-z0-9-]{0,40})/.exec(html.slice(open, open + 48))?.[1]?.toLowerCase();
    if (name === undefined) {
      yield { text: "<", line: advance(open + 1) };
      continue;
    }
    const end = endOfTag(html, open);
    if (end < 0) {
      yield { text: html.slice(open), line };
      return;
    }
    yield { tag: name, text: "", line: advance(end + 1) };
    if (name === "script" || name === "style") {
      const close = new RegExp(`</${name}[\\s>]`, "gi");
      close.lastIndex = at;
      advance(close.exec(html)?.index ?? html.length);
    }
  }
}

/**
 * Index of the `>` that ends the tag at `open`, attribute values in quotes skipped unless one is never closed; -1 when there is
 * no further `>` at all. Only an unclosed quote is looked at twice, so the whole stays linear.
 */
function endOfTag(html: string, open: number): number {
  let quote = "";
  const limit = Math.min(html.length, open + MAX_TAG);
  for (let i = open; i < limit; i++) {
    const char = html[i] ?? "";
    if (quote !== "") quote = char === quote ? "" : quote;
    else if (char === '"' || char === "'") quote = html[i - 1] === "=" ? char : "";
    else if (char === ">") return i;
  }
  return html.indexOf(">", open);
}

interface Section {
  readonly trail: readonly string[];
  readonly blocks: Block[];
}

class Reader {
  readonly #sections: Section[] = [{ trail: [], blocks: [] }];
  #headings: { readonly level: number; readonly title: string }[] = [];
  #hidden: string[] = [];
  #title: string | undefined;
  #text = "";
  #start = 0;
  #end = 0;
  #isPre = false;
  #isBlank = true;

  read({ tag, text, line }: Token): void {
    if (tag === undefined) this.#add(text, line);
    else if (tag === "title") this.#title = "";
    else if (tag === "/title") this.#endTitle();
    else if (this.#hidden.length > 0 || HIDDEN.has(tag)) this.#hide(tag);
    else if (/^h[1-6]$/.test(tag)) this.#close();
    else if (/^\/h[1-6]$/.test(tag)) this.#heading(Number(tag[2]));
    else if (!INLINE.has(tag.replace("/", ""))) this.#breakAt(tag);
  }

  finish(): Section[] {
    this.#close();
    return this.#sections;
  }

  #endTitle(): void {
    const title = squeeze(decode(this.#title ?? ""));
    this.#title = undefined;
    // a later one belongs to a drawing
    if (title === "" || this.#sections.length > 1) return;
    this.#headings = [{ level: 0, title }];
    this.#sections.push({ trail: [title], blocks: [] });
  }

  #hide(tag: string): void {
    if (tag.startsWith("/")) {
      const from = this.#hidden.lastIndexOf(tag.slice(1));
      if (from >= 0) this.#hidden = this.#hidden.slice(0, from);
      // a body without the end of its head: what browsers do
    } else if (tag === "body") this.#hidden = [];
    else if (HIDDEN.has(tag)) this.#hidden.push(tag);
  }

  #add(text: string, line: number): void {
    if (this.#title !== undefined) this.#title += text;
    if (this.#title !== undefined || this.#hidden.length > 0) return;
    if (this.#isBlank && text.trim() !== "") {
      this.#start = line + leadingLines(text);
      this.#isBlank = false;
    }
    this.#text += text;
    if (text.trim() !== "") this.#end = line + text.trimEnd().split("\n").length - 1;
  }

  #breakAt(tag: string): void {
    if (tag === "br") this.#text += "\n";
    else if (/^\/?t[dh]$/.test(tag)) this.#text += " ";
    else if (!(this.#isPre && tag !== "/pre")) {
      this.#close();
      this.#isPre = tag === "pre";
    }
  }

  #heading(level: number): void {
    const title = squeeze(decode(this.#text));
    this.#reset();
    this.#headings = this.#headings.filter((one) => one.level < level);
    if (title !== "" && title !== this.#headings.at(-1)?.title) this.#headings.push({ level, title });
    this.#sections.push({ trail: this.#headings.map((one) => one.title), blocks: [] });
  }

  #close(): void {
    const decoded = decode(this.#text);
    const text = this.#isPre ? decoded.replace(/^\n+/, "").trimEnd() : squeeze(decoded);
    if (text !== "") this.#sections.at(-1)?.blocks.push({ text, startLine: this.#start, endLine: this.#end });
    this.#reset();
  }

  #reset(): void {
    this.#text = "";
    this.#isBlank = true;
  }
}

function leadingLines(text: string): number {
  return text.slice(0, text.length - text.trimStart().length).split("\n").length - 1;
}

function squeeze(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

function decode(text: string): string {
  return text.replaceAll(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z][a-z\d]{1,9}));/gi,
    (whole: string, decimal, hex, name) => {
      if (name !== undefined) return ENTITIES.get(String(name)) ?? whole;
      const code = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal);
      const isScalar = code > 0 && code <= 0x10_ff_ff && !(code >= 0xd8_00 && code <= 0xdf_ff);
      return isScalar ? String.fromCodePoint(code) : "\uFFFD";
    },
  );
}
