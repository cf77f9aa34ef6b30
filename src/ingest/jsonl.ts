import { GennakerError } from "../errors.ts";
import { cut, type Passage } from "./passage.ts";
import { describeRecord, titleOf } from "./record.ts";

/** One passage for each line: its `text` (or `body`, `content`) under its `title`, else all of its fields as text. */
export function splitJsonl(text: string): Passage[] {
  return text.split("\n").flatMap((line, i) => (line.trim() === "" ? [] : passages(line, i + 1)));
}

function passages(line: string, number: number): Passage[] {
  const record = parse(line, number);
  const trail = titleOf(record);
  const whole = { text: describeRecord(record), startLine: number, endLine: number };
  return whole.text.trim() === "" ? [] : [...cut(whole)].map((block) => ({ ...block, trail, record }));
}

function parse(line: string, number: number): { readonly [field: string]: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new GennakerError("GENNAKER_INVALID_QUERY", `line ${number} is no JSON: ${(cause as Error).message}`, {
      details: { line: number },
      cause,
    });
  }
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRecord ? (value as { readonly [field: string]: unknown }) : { value };
}
