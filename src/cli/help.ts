import { type Command, GLOBAL_OPTIONS, type Options } from "./command.ts";
import type { Output } from "./output.ts";
import { pairs } from "./table.ts";

/** Help of the program: what commands there are. */
export function programHelp(commands: readonly Command[], output: Output): string {
  return [
    `${output.paint(["bold"], "gennaker")}: search that lives in one directory: vectors, text and filters`,
    title("Usage", output),
    "  gennaker <command> [arguments] [options]",
    title("Commands", output),
    indent(pairs(commands.map((one) => [`${one.name} ${one.usage}`.trimEnd(), one.summary]))),
    title("Options of every command", output),
    optionList(GLOBAL_OPTIONS),
    "",
    "gennaker <command> --help tells more. Exit codes: 0 ok, 1 failure, 2 usage, 3 a check found problems, 130 interrupted.",
  ].join("\n");
}

/** Help of one command. */
export function commandHelp(command: Command, output: Output): string {
  const { subcommands, options, examples } = command;
  return [
    `${output.paint(["bold"], `gennaker ${command.name}`)}: ${command.summary}`,
    title("Usage", output),
    ...(subcommands ?? [command]).map((one) =>
      `  gennaker ${one.name} ${one.usage} [options]`.replaceAll(/ {2,}\[/g, " ["),
    ),
    ...(subcommands
      ? [title("Commands", output), indent(pairs(subcommands.map((one) => [one.name, one.summary])))]
      : []),
    ...(Object.keys(options).length > 0 ? [title("Options", output), optionList(options)] : []),
    title("Options of every command", output),
    optionList(GLOBAL_OPTIONS),
    ...(examples ? [title("Examples", output), ...examples.map((one) => `  ${one}`)] : []),
  ].join("\n");
}

function title(text: string, output: Output): string {
  return `\n${output.paint(["bold"], `${text}:`)}`;
}

function optionList(options: Options): string {
  return indent(
    pairs(
      Object.entries(options).map(([name, { short, value, help, choices }]) => [
        `${short ? `-${short}, ` : "    "}--${name}${value ? ` ${value}` : ""}`,
        choices ? `${help} (${choices.join(", ")})` : help,
      ]),
    ),
  );
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}
