const ENTITIES: { readonly [name: string]: string } = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: " " };
// by name, so that the types of `Array<string>` stay
const TAG =
  /<\/?(?:a|abbr|b|blockquote|br|center|code|dd|del|details|div|dl|dt|em|font|h[1-6]|hr|i|img|ins|kbd|li|ol|p|picture|pre|q|s|samp|small|source|span|strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|var|video)(?:[\s/][^<>]{0,1000})?>/gi;
const BREAK = /^<\/?(?:br|d[dlt]|div|h[1-6r]|li|p|pre|t[dhr])\b/i;

/** The words of a line of Markdown as a reader sees them. Every pattern is bounded, so that no line costs more than its length. */
export function plain(line: string): string {
  return line
    .replaceAll(
      /!\[([^[\]]{0,300})\](?:\((?:[^()\s]|\([^()\s]{0,200}\)){0,2000}(?:\s[^()]{0,300})?\)|\[[^[\]]{0,200}\])/g,
      "$1",
    )
    .replaceAll(
      /\[([^[\]]{0,300})\](?:\((?:[^()\s]|\([^()\s]{0,200}\)){0,2000}(?:\s[^()]{0,300})?\)|\[[^[\]]{0,200}\])/g,
      "$1",
    )
    .replaceAll(/<(https?:[^<>\s]{1,2000})>/g, "$1")
    .replaceAll(TAG, (tag) => (BREAK.test(tag) ? " " : ""))
    .replaceAll(/(\*\*|__)(?=\S)([^*_]{1,500})\1/g, "$2")
    .replaceAll(/&(amp|lt|gt|quot|nbsp);/g, (_, name: string) => ENTITIES[name] ?? " ")
    .trimEnd();
}
