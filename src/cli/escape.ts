const NAMES: { readonly [char: string]: string } = { "\t": "\\t", "\r": "\\r", "\n": "\\n", "\u001B": "\\e" };
// C0 and C1 controls, DEL, the marks that turn writing around, line separators, and invisible characters
// oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
const UNSAFE = /[\u0000-\u001F\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB]|\p{Cs}/gu;

/** Stored text as one line that cannot steer a terminal: control characters and marks that reorder text become escapes. */
export function escape(text: string): string {
  return text.replaceAll(
    UNSAFE,
    (char) => NAMES[char] ?? `\\u{${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}}`,
  );
}

/** The same over several lines: line breaks stay, tabs become spaces. */
export function escapeLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => escape(line.replaceAll("\t", "    ")))
    .join("\n");
}
