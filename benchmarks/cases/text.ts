import { latency, throughput, timed } from "../clock.ts";
import { type DataSet, judgedTextSet, largeTextSet } from "../data/sets.ts";
import { diskFigure } from "../disk.ts";
import { mean, ndcg, overlap } from "../statistics.ts";
import { type Case, checkRows, WrongAnswer } from "./case.ts";

const k = 10;
/** Share of the plain BM25 reference's nDCG that any analysis must keep. */
const leastQuality = 0.7;
/** Share of the reference's top 10 where nobody judged: stop words and stems change much of it, but not all. */
const leastOverlap = 0.1;

/** BM25 top 10 of plain words, each engine with its own analysis. */
export const text: Case = {
  name: "text",
  refuses: ({ text }) => (text === undefined ? "no text search" : null),
  async sets(folder, size, isQuick) {
    const large = isQuick ? null : largeTextSet(folder, size);
    return [judgedTextSet(folder, size), ...(large === null ? [] : [large])];
  },
  async prepare({ engine, set, pace, folder }) {
    const queries = set.queryTexts ?? [];
    const directory = folder();
    const { count } = set.rows;
    const store = await engine.open(directory, { dimension: 0, hasVectors: false, hasText: true, capacity: count });
    const { wallS, cpuS } = await timed(async () => await store.build(set.rows));
    const stored = await store.count();
    if (stored !== count) throw new WrongAnswer(`${stored} rows are stored of ${count}`);
    const ask = store.searchText?.bind(store);
    if (ask === undefined) throw new Error(`${engine.name} was not made for this case`);
    const answers: number[][] = [];
    for (const [i, query] of queries.entries()) {
      const found = await ask(query, k);
      checkRows(found, k, count, i);
      answers.push(found);
    }
    const quality = check(answers, set);
    const asking = async (i: number) => await ask(queries[i] as string, k);
    return {
      points: [
        {
          serves: ["BM25 top 10"],
          parameters: { analysis: engine.abilities.text?.analysis ?? "" },
          fixed: { ...quality, buildS: wallS, buildCpuS: cpuS, ...diskFigure(directory) },
          async measure() {
            const figures = await latency(asking, queries.length, pace.latencyMs);
            const qps1 = await throughput(asking, queries.length, 1, pace.windowMs);
            return { ...figures, qps1, qps8: await throughput(asking, queries.length, 8, pace.windowMs) };
          },
        },
      ],
      notes: [],
      close: async () => await store.close(),
    };
  },
};

/** @throws `WrongAnswer` when the answers are far from what any BM25 finds */
function check(
  answers: readonly number[][],
  { judgements, reference }: DataSet,
): { ndcg10?: number; overlap10: number } {
  const overlap10 = mean(answers.map((found, i) => overlap(found, reference?.[i] ?? [])));
  if (judgements === null) {
    if (overlap10 < leastOverlap) throw new WrongAnswer(`${overlap10.toFixed(3)} of plain BM25's top ${k} was found`);
    return { overlap10 };
  }
  const quality = (lists: readonly (readonly number[])[]) => {
    const judged = lists.flatMap((found, i) =>
      (judgements[i] ?? []).length > 0 ? [ndcg(found, judgements[i] ?? [], k)] : [],
    );
    return mean(judged);
  };
  const ndcg10 = quality(answers);
  const plain = quality(reference ?? []);
  if (!(ndcg10 >= leastQuality * plain))
    throw new WrongAnswer(`nDCG@${k} is ${ndcg10.toFixed(3)}, plain BM25 has ${plain.toFixed(3)}`);
  return { ndcg10, overlap10 };
}
