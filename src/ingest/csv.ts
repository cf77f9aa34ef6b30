import { cut, type Passage } from "./passage.ts";
import { describeRecord, titleOf } from "./record.ts";

interface Row {
  readonly fields: readonly string[];
  readonly startLine: number;
  readonly endLine: number;
}

/** One passage for each row below the header; RFC 4180 quoting, so a field may hold line breaks. */
export function splitCsv(text: string, separator: "," | "\t"): Passage[] {
  const rows = [...readRows(text, separator)].filter(({ fields }) => fields.some((field) => field.trim() !== ""));
  const header = rows[0]?.fields.map((name, i) => name.trim() || `column ${i + 1}`) ?? [];
  return rows.slice(1).flatMap(({ fields, startLine, endLine }) => {
    const entries = fields.map((value, i): [string, string] => [header[i] ?? `column ${i + 1}`, value]);
    const record: { readonly [field: string]: string } = Object.fromEntries(entries);
    const whole = { text: describeRecord(record), startLine, endLine };
    return [...cut(whole)].map((block) => ({ ...block, trail: titleOf(record), record }));
  });
}

function* readRows(text: string, separator: string): Generator<Row> {
  let fields: string[] = [];
  let field = "";
  let line = 1;
  let startLine = 1;
  let isQuoted = false;
  const end = (): Row => {
    const row = { fields: [...fields, field], startLine, endLine: line };
    [fields, field] = [[], ""];
    return row;
  };
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? "";
    if (isQuoted) {
      if (char === "\n") line += 1;
      if (char !== '"') field += char;
      else if (text[i + 1] === '"') {
        field += '"';
        i += 1;
      } else isQuoted = false;
    } else if (char === '"' && field === "") isQuoted = true;
    else if (char === separator) {
      fields.push(field);
      field = "";
    } else if (char === "\n") {
      yield end();
      line += 1;
      startLine = line;
    } else field += char;
  }
  if (field !== "" || fields.length > 0) yield end();
}
