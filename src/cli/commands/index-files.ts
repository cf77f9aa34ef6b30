import type { Database } from "../../database/database.ts";
import type { Generation } from "../../database/generations.ts";
import { GennakerError } from "../../errors.ts";
import { documents, PASSAGE_SCHEMA, passagesOf, under, type Unreadable } from "../../ingest/documents.ts";
import { walk, type Walk } from "../../ingest/walk.ts";
import type { Ingested, Promotion } from "../../model.ts";
import { COLLECTION, type Command, type Context, DEFAULT_COLLECTION, EXIT } from "../command.ts";
import { gateOf, GATE_OPTIONS } from "../gate.ts";
import { Meter, ProgressLine } from "../progress.ts";
import { count, plural, time } from "../units.ts";

/** `gennaker index <path…>` */
export const indexFiles: Command = {
  name: "index",
  summary: "index files as a new generation, live when it passes",
  usage: "<path…>",
  takes: [1, Number.MAX_SAFE_INTEGER],
  completes: "files",
  options: {
    ...COLLECTION,
    replace: {
      type: "boolean",
      help: "begin with an empty collection; otherwise only what is under the paths is replaced",
    },
    ...GATE_OPTIONS,
    "no-promote": { type: "boolean", help: "leave the sealed generation aside; generations promote makes it live" },
    "dry-run": { type: "boolean", help: "tell what would be indexed and change nothing" },
  },
  examples: ["gennaker index README.md docs src", "gennaker index --collection notes --dry-run ~/notes"],
  async run(context) {
    const { args, db, signal } = context;
    const found = await walk(args.positionals, { exclude: [db], signal });
    if (args.flag("dry-run")) return await preview(context, found);
    if (found.sources.length === 0) throw nothing(found);
    const store = await context.open("write");
    try {
      return await build(context, store, found);
    } finally {
      await store.close();
    }
  },
};

interface Filled {
  readonly ingested: Ingested;
  readonly removed: number;
  readonly unreadable: readonly Unreadable[];
  readonly rejected: readonly { readonly id: string; readonly reason: string }[];
}

async function build(context: Context, store: Database, found: Walk): Promise<number> {
  const { args, output, signal } = context;
  const started = performance.now();
  const collection = args.string("collection") ?? DEFAULT_COLLECTION;
  const progress = new ProgressLine(output);
  try {
    const replace = args.flag("replace");
    await using next = await store.generations.begin({
      from: replace ? "empty" : "live",
      ...(replace ? { collections: [collection] } : {}),
      signal,
    });
    const filled = await fill(context, next, found, progress);
    const sealed = await next.seal({ signal, progress: (report) => progress.show(report) });
    progress.clear();
    const promotion = args.flag("no-promote") ? undefined : await promote(context, next);
    report(context, {
      found,
      filled,
      collection,
      generation: sealed.generation,
      count: sealed.count,
      promotion,
      started,
    });
    return EXIT.ok;
  } finally {
    progress.clear();
  }
}

/** A build that its gate refuses stays sealed: what to do with it is said, too. */
async function promote({ args, signal }: Context, next: Generation): Promise<Promotion> {
  try {
    return await next.promote({ gate: gateOf(args, { recall: 0.95 }), signal });
  } catch (cause) {
    if (!(cause instanceof GennakerError) || cause.code !== "GENNAKER_GATE_REFUSED") throw cause;
    const { number } = next;
    const hint = `It is sealed as generation ${number}: generations promote ${number} or generations drop ${number} --yes.`;
    throw new GennakerError(cause.code, cause.message, {
      details: { ...cause.details, generation: number, hint },
      cause,
    });
  }
}

/** Replaces what was indexed under the same paths. */
async function fill({ args, signal }: Context, next: Generation, found: Walk, line: ProgressLine): Promise<Filled> {
  const name = args.string("collection") ?? DEFAULT_COLLECTION;
  const collection = await next.collection(name, PASSAGE_SCHEMA);
  let removed = 0;
  for (const root of found.roots) removed += (await collection.deleteWhere(under(root), { signal })).deleted;

  const total = sum(found.sources.map((source) => source.bytes));
  const meter = new Meter("reading", found.sources.length);
  const unreadable: Unreadable[] = [];
  const rejected: { id: string; reason: string }[] = [];
  let [files, bytes] = [0, 0];
  const source = documents(found.sources, {
    signal,
    onFile: (file) => {
      files += 1;
      bytes += file.bytes;
      line.show(meter.at(files, bytes / total), "files");
    },
    onUnreadable: (file) => unreadable.push(file),
  });
  const ingested = await collection.ingest(source, {
    signal,
    durability: "none", // a build is durable from its seal on
    onReject: ({ document, error }) => rejected.push({ id: document.id, reason: error.message }),
  });
  if (ingested.accepted === 0) throw nothing(found, unreadable);
  return { ingested, removed, unreadable, rejected };
}

interface Report {
  readonly found: Walk;
  readonly filled: Filled;
  readonly collection: string;
  readonly generation: number;
  readonly count: number;
  readonly promotion: Promotion | undefined;
  readonly started: number;
}

function report({ output, db }: Context, { found, filled, promotion, started, ...sealed }: Report): void {
  const { ingested, removed, unreadable, rejected } = filled;
  const tookMs = performance.now() - started;
  for (const { path, reason } of unreadable) output.note(`left out ${output.safe(path)}: ${output.safe(reason)}`);
  for (const { id, reason } of rejected) output.note(`left out ${output.safe(id)}: ${output.safe(reason)}`);
  const answer = {
    ...sealed,
    db,
    promoted: promotion !== undefined,
    ...(promotion ? { previous: promotion.previous, checks: promotion.checks } : {}),
    files: found.sources.length - unreadable.length,
    passages: ingested.accepted,
    removed,
    rejected,
    unreadable,
    skipped: found.skipped,
    tookMs,
  };
  output.answer(answer, () => {
    const { generation, collection } = sealed;
    const lines = [
      `${plural(ingested.accepted, "passage")} of ${plural(answer.files, "file")} in collection "${collection}", ${time(tookMs)}`,
    ];
    if (removed > 0) lines.push(`${plural(removed, "passage")} indexed before from there replaced`);
    const left = skippedLine(found);
    if (left !== "") lines.push(left);
    lines.push(
      promotion
        ? `generation ${generation} is live${promotion.previous > 0 ? `; generations rollback returns to ${promotion.previous}` : ""}`
        : `generation ${generation} is sealed aside; generations promote ${generation} makes it live`,
    );
    return lines.join("\n");
  });
}

async function preview({ output, signal }: Context, found: Walk): Promise<number> {
  const unreadable: Unreadable[] = [];
  const files: { path: string; kind: string; bytes: number; passages: number }[] = [];
  for (const source of found.sources) {
    signal.throwIfAborted();
    const passages = await passagesOf(source, (file) => unreadable.push(file));
    files.push({ path: source.path, kind: source.format, bytes: source.bytes, passages: passages.length });
  }
  const passages = sum(files.map((file) => file.passages));
  output.answer({ dryRun: true, files, passages, unreadable, skipped: found.skipped }, () =>
    [
      ...files.map((file) => `${output.safe(file.path)}  ${plural(file.passages, "passage")}`),
      ...unreadable.map(({ path, reason }) => `left out ${output.safe(path)}: ${output.safe(reason)}`),
      `${plural(passages, "passage")} of ${plural(files.length, "file")}; nothing was changed`,
      skippedLine(found),
    ]
      .filter((line) => line !== "")
      .join("\n"),
  );
  return EXIT.ok;
}

const REASONS: { readonly [reason in keyof Walk["skipped"]]-?: string } = {
  secret: "that may hold secrets",
  hidden: "hidden",
  link: "links",
  generated: "generated or installed",
  store: "of the store itself",
  format: "of other formats",
  size: "too large",
  special: "no regular files",
};

function skippedLine({ skipped }: Walk): string {
  const parts = Object.entries(skipped).map(([reason, n]) => `${count(n)} ${REASONS[reason as keyof typeof REASONS]}`);
  return parts.length === 0 ? "" : `left out: ${parts.join(", ")}`;
}

function nothing(found: Walk, unreadable: readonly Unreadable[] = []): GennakerError {
  const why = unreadable[0] ? ` ${unreadable[0].path}: ${unreadable[0].reason}.` : "";
  const left = skippedLine(found);
  return new GennakerError(
    "GENNAKER_NOT_FOUND",
    `there is nothing to index under ${found.roots.join(", ") || "."}.${why}`,
    {
      details: { roots: found.roots, skipped: found.skipped, ...(left ? { hint: left } : {}) },
    },
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
