import { type Command, GLOBAL_OPTIONS, type Options } from "./command.ts";

/** Every command that can be run by itself: subcommands under their full names. */
function leaves(commands: readonly Command[]): Command[] {
  return commands.flatMap((command) => [command, ...(command.subcommands ?? [])]);
}

/** Words that may follow a command. */
function wordsAfter(command: Command): string[] {
  const below = (command.subcommands ?? []).map((one) => one.name.slice(command.name.length + 1));
  return [...below, ...longOptions({ ...command.options, ...GLOBAL_OPTIONS })];
}

function longOptions(options: Options): string[] {
  return Object.keys(options).map((name) => `--${name}`);
}

/** A script for bash 3.2 and later. */
export function bashCompletion(commands: readonly Command[]): string {
  const cases = leaves(commands).map(
    (one) => `    ${JSON.stringify(one.name)}) words="${wordsAfter(one).join(" ")}" ;;`,
  );
  const parents = commands.filter((one) => one.subcommands).map((one) => one.name);
  const choices = new Map(
    leaves(commands).flatMap(({ options }) =>
      Object.entries(options).flatMap(([name, { choices }]) => (choices ? [[name, choices] as const] : [])),
    ),
  );
  return `# bash completion of gennaker: source <(gennaker completion bash)
_gennaker() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="" command="" words="" i
  if [ "$COMP_CWORD" -gt 0 ]; then prev="\${COMP_WORDS[COMP_CWORD - 1]}"; fi
  COMPREPLY=()
  case "$prev" in
    --db) COMPREPLY=($(compgen -d -- "$cur")); return ;;
${[...choices].map(([name, list]) => `    --${name}) COMPREPLY=($(compgen -W "${list.join(" ")}" -- "$cur")); return ;;`).join("\n")}
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      --db) i=$((i + 1)) ;;
      -*) ;;
      *)
        if [ -z "$command" ]; then
          command="\${COMP_WORDS[i]}"
        else
          case "$command" in ${parents.join("|")}) command="$command \${COMP_WORDS[i]}" ;; esac
          break
        fi
        ;;
    esac
  done
  case "$command" in
    "") words="${[...commands.map((one) => one.name), ...longOptions(GLOBAL_OPTIONS)].join(" ")}" ;;
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  case "$command" in ${filesCommands(commands)}) COMPREPLY+=($(compgen -f -- "$cur")) ;; esac
}
complete -o filenames -F _gennaker gennaker`;
}

/** A function file for zsh, to be put into a folder of `fpath` as `_gennaker`, or sourced. */
export function zshCompletion(commands: readonly Command[]): string {
  const described = (list: readonly Command[], cut = 0): string =>
    list.map((one) => `      ${quote(`${one.name.slice(cut)}:${one.summary}`)}`).join("\n");
  const bodies = commands.map((command) => {
    const { name, subcommands } = command;
    if (!subcommands) return `    ${name}) _arguments ${zshArguments(command)} ;;`;
    const below = subcommands.map(
      (one) => `        ${one.name.slice(name.length + 1)}) _arguments ${zshArguments(one)} ;;`,
    );
    return `    ${name})
      if ((CURRENT == 3)); then
        local -a below=(
${described(subcommands, name.length + 1)}
        )
        _describe command below
      else
        case $words[3] in
${below.join("\n")}
        esac
      fi
      ;;`;
  });
  return `#compdef gennaker
# zsh completion of gennaker: gennaker completion zsh > a folder of $fpath/_gennaker
_gennaker() {
  if ((CURRENT == 2)); then
    local -a commands=(
${described(commands)}
    )
    _describe command commands
    return
  fi
  case $words[2] in
${bodies.join("\n")}
  esac
}
if [ "$funcstack[1]" = "_gennaker" ]; then _gennaker "$@"; else compdef _gennaker gennaker; fi`;
}

/** A script for fish. */
export function fishCompletion(commands: readonly Command[]): string {
  const lines = commands.map(
    (one) => `complete -c gennaker -n __fish_use_subcommand -a ${one.name} -d ${quote(one.summary)}`,
  );
  for (const command of commands) {
    const seen = `'__fish_seen_subcommand_from ${command.name}'`;
    const below = (command.subcommands ?? []).map((one) => one.name.slice(command.name.length + 1));
    for (const [i, word] of below.entries()) {
      const isFirst = `'__fish_seen_subcommand_from ${command.name}; and not __fish_seen_subcommand_from ${below.join(" ")}'`;
      lines.push(`complete -c gennaker -n ${isFirst} -a ${word} -d ${quote(command.subcommands?.[i]?.summary ?? "")}`);
      const inside = `'__fish_seen_subcommand_from ${command.name}; and __fish_seen_subcommand_from ${word}'`;
      lines.push(...fishOptions(inside, command.subcommands?.[i]?.options ?? {}));
    }
    lines.push(...fishOptions(seen, command.options));
    if (command.completes === "files") lines.push(`complete -c gennaker -n ${seen} -F`);
  }
  return [
    "# fish completion of gennaker: gennaker completion fish | source",
    "complete -c gennaker -f",
    ...lines,
    ...fishOptions("", GLOBAL_OPTIONS),
  ].join("\n");
}

function fishOptions(condition: string, options: Options): string[] {
  return Object.entries(options).map(([name, { short, type, choices, value, help }]) =>
    [
      "complete -c gennaker",
      ...(condition === "" ? [] : [`-n ${condition}`]),
      `-l ${name}`,
      ...(short ? [`-s ${short}`] : []),
      ...(type === "string" ? [value === "DIR" ? "-r -a '(__fish_complete_directories)'" : "-x"] : []),
      ...(choices ? [`-a '${choices.join(" ")}'`] : []),
      `-d ${quote(help)}`,
    ].join(" "),
  );
}

function zshArguments(command: Command): string {
  const options = Object.entries({ ...command.options, ...GLOBAL_OPTIONS }).map(
    ([name, { type, choices, value = "VALUE", help }]) => {
      const what = help.replaceAll(/[[\]:]/g, " ");
      if (type === "boolean") return quote(`--${name}[${what}]`);
      const values = choices ? `(${choices.join(" ")})` : value === "DIR" ? "_directories" : " ";
      return quote(`--${name}=[${what}]:${value}:${values}`);
    },
  );
  return [...options, ...(command.completes === "files" ? [quote("*:file:_files")] : [])].join(" ");
}

function filesCommands(commands: readonly Command[]): string {
  return commands
    .filter((one) => one.completes === "files")
    .map((one) => one.name)
    .join("|");
}

/** A word in single quotes, as sh and zsh read it; fish takes it too, since no text has a backslash. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
