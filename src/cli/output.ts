import { styleText } from "node:util";
import { GennakerError } from "../errors.ts";
import { escape, escapeLines } from "./escape.ts";

/** What of a process's streams the commands use; tests give their own. */
export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}
/** Names of `styleText` that the commands use. */
export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan" | "underline";

/**
 * Where a command's answer goes. Under `--json` standard output gets exactly one JSON value, whatever else happens;
 * notes and errors go to standard error. Colours only on a terminal, and never under NO_COLOR.
 */
export class Output {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly isJson: boolean;
  #hasAnswered = false;

  constructor(stdout: Stream, stderr: Stream, isJson: boolean) {
    this.stdout = stdout;
    this.stderr = stderr;
    this.isJson = isJson;
  }

  /** Prints the answer: `value` under `--json`, else what `human` makes of it. Once per command. */
  answer(value: unknown, human: () => string): void {
    this.#hasAnswered = true;
    const text = this.isJson ? JSON.stringify(value, plainArrays) : human();
    if (text !== "") this.stdout.write(`${text}\n`);
  }

  /** A remark beside the answer, on standard error; silent under `--json`. */
  note(text: string): void {
    if (!this.isJson) this.stderr.write(`${text}\n`);
  }

  /** Reports a failure: a line and a hint on standard error, and under `--json` an object with `error`. */
  fail(error: unknown): void {
    const { code, message, hint, details } = describe(error);
    if (this.isJson && !this.#hasAnswered) {
      this.#hasAnswered = true;
      this.stdout.write(`${JSON.stringify({ error: { code, message, ...(hint ? { hint } : {}), details } })}\n`);
    }
    const mark = this.paint(["red", "bold"], "error:", this.stderr);
    this.stderr.write(`${mark} ${escapeLines(message)} ${this.paint(["dim"], `[${code}]`, this.stderr)}\n`);
    if (hint) this.stderr.write(`${this.paint(["cyan"], "hint:", this.stderr)} ${escapeLines(hint)}\n`);
  }

  /** `text` in a style, if the stream shows styles. */
  paint(styles: readonly Style[], text: string, stream: Stream = this.stdout): string {
    return hasColors(stream) ? styleText([...styles], text, { validateStream: false }) : text;
  }

  /** Stored text on one line, safe to print. */
  safe(text: string): string {
    return escape(text);
  }

  /** Columns to write into; a terminal that does not know its width says 0. */
  get width(): number {
    return Math.max(40, Math.min(this.stdout.columns || 100, 160));
  }
}

/** A terminal that wants colours: NO_COLOR and FORCE_COLOR as no-color.org and Node have them. */
function hasColors(stream: Stream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return stream.isTTY === true && TERM !== "dumb";
}

interface Described {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
}

function describe(error: unknown): Described {
  if (error instanceof GennakerError) {
    const { hint, ...details } = error.details;
    return {
      code: error.code,
      message: error.message,
      hint: typeof hint === "string" ? hint : undefined,
      details,
    };
  }
  if (error instanceof TypeError && !("code" in error)) {
    return { code: "TypeError", message: error.message, hint: undefined, details: {} };
  }
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "GENNAKER_INTERNAL";
  return { code, message, hint: undefined, details: {} };
}

/** Typed arrays as arrays, so that a vector reads as one. */
function plainArrays(_key: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
    ? Array.from(value as unknown as ArrayLike<number>)
    : value;
}
