import { UsageError } from "./usage-error.ts";

/** Values of options, with the types that commands want. */
export class Arguments {
  readonly positionals: readonly string[];
  readonly #values: { readonly [name: string]: unknown };

  constructor(values: { readonly [name: string]: unknown }, positionals: readonly string[]) {
    this.#values = values;
    this.positionals = positionals;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  string(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" ? value : undefined;
  }

  /** A number; its range is checked by who uses it. */
  number(name: string): number | undefined {
    const value = this.string(name);
    return value === undefined ? undefined : toNumber(value, `--${name}`);
  }

  /** A JSON object. */
  json(name: string): { readonly [key: string]: unknown } | undefined {
    const text = this.string(name);
    if (text === undefined) return undefined;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new UsageError(
        `--${name} is no JSON: ${(error as Error).message}`,
        `Quote it for the shell: --${name} '{"kind": "markdown"}'`,
      );
    }
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as { [key: string]: unknown };
    throw new UsageError(`--${name} must be a JSON object.`, `For example --${name} '{"kind": "markdown"}'`);
  }
}

/** `text` as a number; `name` is what the message calls it. */
export function toNumber(text: string, name: string): number {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return Number(text);
  throw new UsageError(`${name} takes a number, not ${JSON.stringify(text)}.`);
}
