import type { Gate } from "../model.ts";
import type { Arguments } from "./arguments.ts";
import type { Options } from "./command.ts";

/** Options of the commands that promote. */
export const GATE_OPTIONS: Options = {
  recall: { type: "string", value: "R", help: "gate: recall@10 that the build must reach, 0 to 1" },
  "min-count": { type: "string", value: "N", help: "gate: documents that the build must have" },
};

/** The gate that the options ask for, over what the command asks for by itself. */
export function gateOf(args: Arguments, defaults: Gate = {}): Gate {
  const [recall, minCount] = [args.number("recall"), args.number("min-count")];
  return {
    ...defaults,
    ...(recall === undefined ? {} : { recall }),
    ...(minCount === undefined ? {} : { minCount }),
  };
}
