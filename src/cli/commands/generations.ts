import type { GenerationInfo } from "../../model.ts";
import { toNumber } from "../arguments.ts";
import { type Command, type Context, EXIT, type Options } from "../command.ts";
import { gateOf, GATE_OPTIONS } from "../gate.ts";
import { table } from "../table.ts";
import { bytes, count, plural } from "../units.ts";
import { UsageError } from "../usage-error.ts";

const YES: Options = { yes: { type: "boolean", short: "y", help: "do it, though it cannot be undone" } };
const DRY_RUN: Options = { "dry-run": { type: "boolean", help: "tell what would be done and change nothing" } };

const list: Command = {
  name: "generations list",
  summary: "list what is kept",
  usage: "",
  takes: [0, 0],
  options: {},
  async run(context) {
    const { output } = context;
    const found = await within(context, "read", (store) => store.generations.list());
    output.answer(found, () => (found.length === 0 ? "no generations" : table(COLUMNS, found.map(row))));
    return EXIT.ok;
  },
};

const promote: Command = {
  name: "generations promote",
  summary: "make a sealed generation live, if it passes",
  usage: "<generation>",
  takes: [1, 1],
  options: {
    ...GATE_OPTIONS,
    "no-carry": { type: "boolean", help: "refuse when live writes arrived since it was begun" },
  },
  async run(context) {
    const { args, output, signal } = context;
    const options = { gate: gateOf(args), carry: !args.flag("no-carry"), signal };
    const done = await within(context, "write", (store) => store.generations.promote(number(context), options));
    output.answer(
      done,
      () =>
        `generation ${done.generation} is live, ${done.previous} is kept; ${plural(done.carried, "write")} carried over`,
    );
    return EXIT.ok;
  },
};

const rollback: Command = {
  name: "generations rollback",
  summary: "make an earlier generation live again",
  usage: "",
  takes: [0, 0],
  options: {
    to: { type: "string", value: "N", help: "this generation (default: the one that was live before)" },
    writes: {
      type: "string",
      value: "WHAT",
      choices: ["keep", "drop"],
      help: 'what becomes of writes since then (default "keep")',
    },
    ...YES,
  },
  async run(context) {
    const { args, output, signal } = context;
    const to = args.number("to");
    const writes = args.string("writes") === "drop" ? ("drop" as const) : ("keep" as const);
    if (writes === "drop" && !args.flag("yes"))
      throw new UsageError("--writes drop leaves writes behind.", "Add --yes to do it.");
    const options = { ...(to === undefined ? {} : { to }), writes, signal };
    const done = await within(context, "write", (store) => store.generations.rollback(options));
    output.answer(
      done,
      () =>
        `generation ${done.generation} is live again, ${done.previous} is kept; ` +
        `${plural(done.carried, "write")} carried over, ${done.dropped} left behind`,
    );
    return EXIT.ok;
  },
};

const drop: Command = {
  name: "generations drop",
  summary: "forget a kept generation and free its space",
  usage: "<generation>",
  takes: [1, 1],
  options: { ...YES, ...DRY_RUN },
  async run(context) {
    const { args, output } = context;
    const generation = number(context);
    if (args.flag("dry-run")) {
      const found = await within(context, "read", (store) => store.generations.list());
      const one = found.find((info) => info.generation === generation);
      output.answer({ dryRun: true, generation, found: one ?? null }, () =>
        one ? `would forget:\n${table(COLUMNS, [row(one)])}` : `there is no generation ${generation}`,
      );
      return one ? EXIT.ok : EXIT.failure;
    }
    if (!args.flag("yes"))
      throw new UsageError(`generation ${generation} cannot be restored once it is dropped.`, "Add --yes to do it.");
    await within(context, "write", (store) => store.generations.drop(generation));
    output.answer({ dropped: generation }, () => `generation ${generation} is dropped`);
    return EXIT.ok;
  },
};

const pin = pinning("pin", "keep a generation whatever the retention says");
const unpin = pinning("unpin", "leave a generation to the retention again");

/** `gennaker generations list|promote|rollback|pin|unpin|drop` */
export const generations: Command = {
  name: "generations",
  summary: "list, promote, roll back, pin and drop generations",
  usage: "list|promote|rollback|pin|unpin|drop",
  takes: [0, 1],
  options: {},
  subcommands: [list, promote, rollback, pin, unpin, drop],
  examples: [
    "gennaker generations list",
    "gennaker generations promote 4 --min-count 1000",
    "gennaker generations rollback",
  ],
  run: list.run,
};

function pinning(verb: "pin" | "unpin", summary: string): Command {
  return {
    name: `generations ${verb}`,
    summary,
    usage: "<generation>",
    takes: [1, 1],
    options: {},
    async run(context) {
      const generation = number(context);
      await within(context, "write", (store) => store.generations[verb](generation));
      const answer = { generation, pinned: verb === "pin" };
      context.output.answer(answer, () => `generation ${generation} is ${verb}ned`);
      return EXIT.ok;
    },
  };
}

const COLUMNS = [
  { title: "generation", isRight: true },
  { title: "state" },
  { title: "documents", isRight: true },
  { title: "size", isRight: true },
  { title: "sequence", isRight: true },
  { title: "created" },
  { title: "" },
];

function row(info: GenerationInfo): string[] {
  return [
    String(info.generation),
    info.state,
    count(info.count),
    bytes(info.bytes),
    String(info.sequence),
    info.createdAt?.replace("T", " ").replace(/\.\d+Z$/, "Z") ?? "",
    info.pinned ? "pinned" : "",
  ];
}

function number({ args }: Context): number {
  return toNumber(args.positionals[0] ?? "", "generation");
}

async function within<T>(
  context: Context,
  mode: "read" | "write",
  work: (store: Awaited<ReturnType<Context["open"]>>) => Promise<T>,
): Promise<T> {
  const store = await context.open(mode);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
