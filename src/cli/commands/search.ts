import type { SearchQuery } from "../../model.ts";
import { COLLECTION, type Command, type Context, DEFAULT_COLLECTION, EXIT, NAMESPACE } from "../command.ts";
import { hitLines } from "../hits.ts";
import { plural, time } from "../units.ts";
import { UsageError } from "../usage-error.ts";

const MODES = ["hybrid", "text", "vector"];

/** `gennaker search <query>` */
export const search: Command = {
  name: "search",
  summary: "find passages by words and by meaning",
  usage: "<query>",
  takes: [1, 1],
  options: {
    ...COLLECTION,
    ...NAMESPACE,
    k: { type: "string", short: "k", value: "N", help: "hits wanted, 1 to 10000 (default 10)" },
    offset: { type: "string", value: "N", help: "hits to skip (default 0)" },
    filter: { type: "string", short: "f", value: "JSON", help: `metadata to match, as in '{"kind": "markdown"}'` },
    mode: { type: "string", short: "m", value: "MODE", choices: MODES, help: "what ranks the hits" },
    generation: { type: "string", short: "g", value: "N", help: "search a kept generation instead of the live one" },
  },
  examples: [
    'gennaker search "abort a request"',
    `gennaker search -k 3 --filter '{"kind": "declarations"}' --json "read a file"`,
  ],
  async run(context) {
    const { args, output } = context;
    const [text = ""] = args.positionals;
    const query = { text, ...queryOf(context) };
    const store = await context.open("read");
    try {
      const name = args.string("collection") ?? DEFAULT_COLLECTION;
      const embedding = await embeds(store, name, query.generation === undefined);
      const opened = await store.collection(name);
      const namespace = args.string("namespace");
      const collection = namespace === undefined ? opened : opened.namespace(namespace);
      const result = await collection.search({ ...query, ...legs(args.string("mode"), embedding, name) });
      output.answer(result, () => {
        const { hits, engine, generation, tookMs, degraded } = result;
        const tail = `${plural(hits.length, "hit")}  ${engine}, generation ${generation}, ${time(tookMs)}`;
        const lines = hits.flatMap((hit, i) => [...hitLines(hit, (query.offset ?? 0) + i + 1, text, output), ""]);
        if (degraded) lines.push(output.paint(["yellow"], `degraded: ${output.safe(degraded.reason)}`));
        return [...lines, output.paint(["dim"], tail)].join("\n");
      });
      return EXIT.ok;
    } finally {
      await store.close();
    }
  },
};

function queryOf({ args, signal }: Context): SearchQuery {
  const [k, offset, generation] = [args.number("k"), args.number("offset"), args.number("generation")];
  const filter = args.json("filter") as SearchQuery["filter"] | undefined;
  return {
    signal,
    ...(k === undefined ? {} : { k }),
    ...(offset === undefined ? {} : { offset }),
    ...(generation === undefined ? {} : { generation }),
    ...(filter === undefined ? {} : { filter }),
  };
}

async function embeds(
  store: { collections(): Promise<readonly { name: string; schema: { embedding?: unknown } }[]> },
  name: string,
  isLive: boolean,
): Promise<boolean> {
  const found = (await store.collections()).find((one) => one.name === name);
  return found ? found.schema.embedding !== undefined : !isLive;
}

/** Weights that leave the ranking to one leg. A collection without an embedder has no vector for a text. */
function legs(mode: string | undefined, embedding: boolean, name: string): Partial<SearchQuery> {
  if ((mode === "vector" || mode === "hybrid") && !embedding) {
    throw new UsageError(
      `--mode ${mode} needs an embedder, and collection "${name}" has none.`,
      "Use --mode text, or index files with gennaker index.",
    );
  }
  if (mode === "vector") return { fusion: { weights: { vector: 1, text: 0 } } };
  // only documents that have one of the words: without a share of the vector leg all others score nothing
  if (mode === "text" && embedding) return { fusion: { weights: { vector: 0 } }, minScore: Number.MIN_VALUE };
  return {};
}
