import { type Command, EXIT } from "../command.ts";
import { bashCompletion, fishCompletion, zshCompletion } from "../completions.ts";

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };
type Shell = keyof typeof SHELLS;

/** `gennaker completion <shell>`; `commands` is the whole table, which the scripts are made from. */
export function completion(commands: () => readonly Command[]): Command {
  const shells = Object.keys(SHELLS);
  const one = (shell: string): Command => ({
    name: `completion ${shell}`,
    summary: `print the script for ${shell}`,
    usage: "",
    takes: [0, 0],
    options: {},
    async run({ output }) {
      const script = SHELLS[shell as Shell](commands());
      output.answer({ shell, script }, () => script);
      return EXIT.ok;
    },
  });
  return {
    name: "completion",
    summary: "print a script that completes commands and options in a shell",
    usage: shells.join("|"),
    takes: [1, 1],
    options: {},
    subcommands: shells.map(one),
    examples: [
      "source <(gennaker completion bash)",
      "gennaker completion zsh > ~/.zfunc/_gennaker",
      "gennaker completion fish | source",
    ],
    run: one("bash").run,
  };
}
