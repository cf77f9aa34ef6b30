import { parseArgs } from "node:util";
import { Arguments } from "./arguments.ts";
import { type Command, GLOBAL_OPTIONS, type Options } from "./command.ts";
import { laterCommand } from "./later.ts";
import { nearest } from "./suggest.ts";
import { UsageError } from "./usage-error.ts";

/** What the command line says, checked against the command's own table. */
export interface Parsed {
  /** Absent for `gennaker` alone and `gennaker --help`. */
  readonly command: Command | undefined;
  readonly args: Arguments;
}

/** Finds the command, then reads its options and arguments. Throws {@link UsageError} with the nearest known word. */
export function parse(argv: readonly string[], commands: readonly Command[]): Parsed {
  const rest = [...argv];
  let command: Command | undefined;
  let known = commands;
  for (let path = ""; known.length > 0;) {
    const at = firstPositional(rest, command);
    const word = at === undefined ? undefined : rest[at];
    if (at === undefined || word === undefined) break;
    const found = known.find((one) => one.name === path + word);
    if (!found) throw (path === "" ? laterCommand(word) : undefined) ?? unknownCommand(path, word, known);
    rest.splice(at, 1);
    command = found;
    path = `${found.name} `;
    known = found.subcommands ?? [];
  }
  if (command?.subcommands && command.takes[0] === 0 && !rest.some(isHelp)) command = command.subcommands[0] ?? command;
  return { command, args: read(rest, command) };
}

function isHelp(word: string): boolean {
  return word === "--help" || word === "-h";
}

function firstPositional(rest: readonly string[], command: Command | undefined): number | undefined {
  const { tokens } = tokenize(rest, { ...GLOBAL_OPTIONS, ...command?.options });
  return tokens.find((token) => token.kind === "positional" || token.kind === "option-terminator")?.index;
}

function read(rest: readonly string[], command: Command | undefined): Arguments {
  const options: Options = { ...GLOBAL_OPTIONS, ...command?.options };
  const { tokens, values, positionals } = tokenize(rest, options);
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const spec = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (!spec) throw unknownOption(token.rawName, command, options);
    if (seen.has(token.name)) throw new UsageError(`${token.rawName} is given twice.`);
    seen.add(token.name);
    if (spec.type === "boolean" && token.value !== undefined) throw new UsageError(`${token.rawName} takes no value.`);
    if (spec.type === "string" && (token.value === undefined || token.value === ""))
      throw new UsageError(`${token.rawName} needs a value: ${token.rawName} ${spec.value ?? "VALUE"}`);
    if (spec.choices && token.value !== undefined && !spec.choices.includes(token.value)) {
      throw new UsageError(
        `${token.rawName} is ${JSON.stringify(token.value)}; it must be one of ${spec.choices.join(", ")}.`,
        meant(nearest(token.value, spec.choices)),
      );
    }
  }
  const args = new Arguments(values, positionals);
  if (!args.flag("help") && !args.flag("version")) checkCount(args, command);
  return args;
}

function tokenize(args: readonly string[], options: Options) {
  const table = Object.fromEntries(
    Object.entries(options).map(([name, { type, short }]) => [name, { type, ...(short ? { short } : {}) }]),
  );
  return parseArgs({ args: [...args], options: table, strict: false, allowPositionals: true, tokens: true });
}

function checkCount({ positionals }: Arguments, command: Command | undefined): void {
  if (!command) return;
  const [least, most] = command.takes;
  if (positionals.length >= least && positionals.length <= most) return;
  const usage = `Usage: gennaker ${command.name} ${command.usage}`.trimEnd();
  if (positionals.length < least) throw new UsageError(`${command.name} needs ${command.usage}.`, usage);
  throw new UsageError(
    most === 0
      ? `${command.name} takes no arguments, but got ${JSON.stringify(positionals[0])}.`
      : `${command.name} takes ${most === 1 ? "one argument" : `at most ${most} arguments`}, but got ${positionals.length}.`,
    `${usage}${command.name === "search" ? '; put the query in quotes: gennaker search "two words"' : ""}`,
  );
}

function unknownCommand(path: string, word: string, known: readonly Command[]): UsageError {
  const names = known.map((one) => one.name.slice(path.length));
  return new UsageError(
    `unknown command ${JSON.stringify(`${path}${word}`)}.`,
    meant(nearest(word, names)) ?? `Known are ${names.join(", ")}; gennaker --help tells more.`,
    { command: word },
  );
}

function unknownOption(name: string, command: Command | undefined, options: Options): UsageError {
  const names = Object.entries(options).flatMap(([long, { short }]) => [`--${long}`, ...(short ? [`-${short}`] : [])]);
  const near = name.startsWith("--")
    ? nearest(
        name,
        names.filter((one) => one.startsWith("--")),
      )
    : undefined;
  const help = `gennaker ${command ? `${command.name} ` : ""}--help lists the options.`;
  return new UsageError(
    `unknown option ${JSON.stringify(name)}${command ? ` of ${command.name}` : ""}.`,
    meant(near) ?? help,
    { option: name },
  );
}

function meant(word: string | undefined): string | undefined {
  return word === undefined ? undefined : `Did you mean ${word}?`;
}
