import type { Command } from "./command.ts";
import { collections } from "./commands/collections.ts";
import { completion } from "./commands/completion.ts";
import { doctor } from "./commands/doctor.ts";
import { generations } from "./commands/generations.ts";
import { get } from "./commands/get.ts";
import { indexFiles } from "./commands/index-files.ts";
import { search } from "./commands/search.ts";
import { stats } from "./commands/stats.ts";
import { verify } from "./commands/verify.ts";

/** Every command, in the order in which help lists them. */
export const COMMANDS: readonly Command[] = [
  indexFiles,
  search,
  get,
  stats,
  collections,
  generations,
  verify,
  doctor,
  // made of the table itself, which is why it gets it late
  completion(() => COMMANDS),
];
