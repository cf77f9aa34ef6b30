import { GennakerError } from "../errors.ts";

/** Commands that later versions have, and what to do until then. */
const UNTIL_THEN: ReadonlyMap<string, string> = new Map([
  ["repair", "gennaker verify finds damage; gennaker generations rollback returns to a kept generation."],
  ["backup", "Copy the directory of the store while no process writes to it."],
  ["restore", "Copy the directory of the store back and open it."],
  ["export", "gennaker get --json prints documents by id; collection.scan() reads all of them."],
  ["import", "gennaker index reads JSONL and CSV; collection.ingest() takes any iterable."],
  ["benchmark", "npm run bench of a checkout measures this machine."],
  ["init", "Nothing needs to be set up: gennaker index <path…> makes a store."],
]);

/** The error of a command that this version does not have yet; nothing for any other word. */
export function laterCommand(word: string): GennakerError | undefined {
  const hint = UNTIL_THEN.get(word);
  if (hint === undefined) return undefined;
  return new GennakerError("GENNAKER_UNSUPPORTED", `${word} is not served by this version.`, {
    details: { command: word, hint },
  });
}
