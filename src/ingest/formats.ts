import { splitCode } from "./code.ts";
import { splitCsv } from "./csv.ts";
import { splitDeclarations } from "./declarations.ts";
import { splitHtml } from "./html.ts";
import { splitJsonl } from "./jsonl.ts";
import { splitMarkdown } from "./markdown.ts";
import type { Format, Passage } from "./passage.ts";
import { splitText } from "./text.ts";

const EXTENSIONS: { readonly [F in Format]: string } = {
  markdown: "md markdown mdown mdx",
  text: "txt text rst adoc asciidoc org tex",
  html: "html htm xhtml",
  jsonl: "jsonl ndjson",
  csv: "csv tsv",
  declarations: "d.ts d.mts d.cts",
  code:
    "ts mts cts tsx js mjs cjs jsx vue svelte rs go py rb php java kt kts scala cs fs swift m mm c h cc cpp cxx hh hpp hxx " +
    "zig nim lua pl pm r jl ex exs erl hs ml mli clj cljs dart sh bash zsh fish ps1 sql proto graphql css scss less",
};
const BY_EXTENSION: ReadonlyMap<string, Format> = new Map(
  Object.entries(EXTENSIONS).flatMap(([format, list]) => list.split(" ").map((one) => [one, format as Format])),
);
const BY_NAME = /^(?:readme|changelog|changes|history|authors|contributing|license|licence|notice|copying|todo|news)$/i;

/** How a file is read, by its name; nothing when it is not one of the formats, as an image is. */
export function formatOf(name: string): Format | undefined {
  const parts = name.toLowerCase().split(".");
  if (parts.length === 1) return BY_NAME.test(name) ? "text" : undefined;
  return BY_EXTENSION.get(parts.slice(-2).join(".")) ?? BY_EXTENSION.get(parts.at(-1) ?? "");
}

/** Splits one file into passages by its structure. `name` is used for what a file without headings is called. */
export function split(format: Format, content: string, name: string): Passage[] {
  const text = content.replace(/^\uFEFF/, "").replaceAll(/\r\n?/g, "\n");
  switch (format) {
    case "markdown":
      return splitMarkdown(text);
    case "text":
      return splitText(text);
    case "html":
      return splitHtml(text);
    case "jsonl":
      return splitJsonl(text);
    case "csv":
      return splitCsv(text, name.toLowerCase().endsWith(".tsv") ? "\t" : ",");
    case "code":
      return splitCode(text);
    case "declarations":
      return splitDeclarations(text);
    default:
      return format satisfies never;
  }
}
