import { GennakerError } from "../../errors.ts";
import type { Document } from "../../model.ts";
import { COLLECTION, type Command, DEFAULT_COLLECTION, EXIT, NAMESPACE } from "../command.ts";
import { escapeLines } from "../escape.ts";
import type { Output } from "../output.ts";

/** `gennaker get <id…>` */
export const get: Command = {
  name: "get",
  summary: "show documents by id",
  usage: "<id…>",
  takes: [1, 100_000],
  options: { ...COLLECTION, ...NAMESPACE },
  examples: ["gennaker get README.md#install", "gennaker get --json README.md#install README.md#usage"],
  async run(context) {
    const { args, output, signal } = context;
    const store = await context.open("read");
    try {
      const opened = await store.collection(args.string("collection") ?? DEFAULT_COLLECTION);
      const namespace = args.string("namespace");
      const collection = namespace === undefined ? opened : opened.namespace(namespace);
      const found = await collection.get(args.positionals, { signal });
      const missing = args.positionals.filter((_, i) => found[i] === null);
      // nothing to show is a failure; a part of it is an answer with holes and a failure
      if (missing.length === found.length) throw notFound(missing, collection.name);
      output.answer(found.length === 1 ? found[0] : found, () =>
        found
          .filter((document) => document !== null)
          .map((document) => show(document, output))
          .join("\n\n"),
      );
      if (missing.length > 0) output.fail(notFound(missing, collection.name));
      return missing.length > 0 ? EXIT.failure : EXIT.ok;
    } finally {
      await store.close();
    }
  },
};

function notFound(ids: readonly string[], collection: string): GennakerError {
  const names = ids.slice(0, 5).map((id) => JSON.stringify(id));
  return new GennakerError(
    "GENNAKER_NOT_FOUND",
    `collection "${collection}" has no document ${names.join(", ")}${ids.length > 5 ? ` and ${ids.length - 5} more` : ""}.`,
    { details: { ids, collection } },
  );
}

function show({ id, text, metadata, vector }: Document, output: Output): string {
  const label = (name: string): string => output.paint(["dim"], name);
  const lines = [output.paint(["bold"], output.safe(id))];
  if (metadata) lines.push(`${label("metadata")}  ${output.safe(JSON.stringify(metadata))}`);
  if (vector) lines.push(`${label("vector")}  ${vector.length} dimensions`);
  if (typeof text === "string") lines.push(escapeLines(text));
  else
    for (const [field, value] of Object.entries(text ?? {})) lines.push(label(output.safe(field)), escapeLines(value));
  return lines.join("\n");
}
