import type { CollectionInfo } from "../../model.ts";
import { type Command, EXIT } from "../command.ts";
import { table } from "../table.ts";
import { count } from "../units.ts";

/** `gennaker collections` */
export const collections: Command = {
  name: "collections",
  summary: "list collections with their schemas",
  usage: "",
  takes: [0, 0],
  options: {},
  async run(context) {
    const { output } = context;
    const store = await context.open("read");
    try {
      const list = await store.collections();
      output.answer(list, () => {
        if (list.length === 0) return "no collections";
        const columns = [
          { title: "collection" },
          { title: "documents", isRight: true },
          { title: "vectors" },
          { title: "text" },
          { title: "metadata" },
        ];
        return table(
          columns,
          list.map((one) => [
            output.safe(one.name),
            count(one.count),
            ...schemaCells(one).map((cell) => output.safe(cell)),
          ]),
        );
      });
      return EXIT.ok;
    } finally {
      await store.close();
    }
  },
};

function schemaCells({ schema }: CollectionInfo): string[] {
  const { dimension, metric, embedding, text, metadata } = schema;
  const source = embedding && (embedding.kind === "lsa" ? "lsa" : embedding.id);
  return [
    [dimension === undefined ? "" : `${dimension} ${metric}`, source ?? ""].filter((part) => part !== "").join(", "),
    text.map(({ name, weight }) => `${name || "text"}${weight === 1 ? "" : `×${weight}`}`).join(" "),
    Object.entries(metadata)
      .map(([name, { type }]) => `${name}:${type}`)
      .join(" "),
  ];
}
