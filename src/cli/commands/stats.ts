import { type Command, EXIT } from "../command.ts";
import { table } from "../table.ts";
import { bytes, count } from "../units.ts";

/** `gennaker stats` */
export const stats: Command = {
  name: "stats",
  summary: "show sizes",
  usage: "",
  takes: [0, 0],
  options: {},
  async run(context) {
    const { output } = context;
    const store = await context.open("read");
    try {
      const sizes = await store.stats();
      output.answer(sizes, () => {
        const rows = Object.entries(sizes.collections).map(([name, one]) => [
          output.safe(name),
          count(one.count),
          count(one.segments),
          bytes(one.bytes),
          one.schema.dimension === undefined ? "" : `${one.schema.dimension} ${one.schema.metric}`,
        ]);
        const columns = [
          { title: "collection" },
          { title: "documents", isRight: true },
          { title: "segments", isRight: true },
          { title: "size", isRight: true },
          { title: "vectors" },
        ];
        const head = `generation ${sizes.generation}, sequence ${sizes.sequence}, ${bytes(sizes.bytes)}`;
        return rows.length === 0 ? `${head}, no collections` : `${head}\n\n${table(columns, rows)}`;
      });
      return EXIT.ok;
    } finally {
      await store.close();
    }
  },
};
