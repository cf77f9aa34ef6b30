/** What a figure's name means. `digits` after the point when printed; `isScored`: a ratio to the best peer makes sense. */
export interface FigureKind {
  readonly label: string;
  readonly better: "less" | "more";
  readonly digits: number;
  readonly isScored: boolean;
}

/** Every figure that a case can report, in the order of the report's columns. */
export const figureKinds = {
  recall: { label: "recall@10", better: "more", digits: 4, isScored: false },
  ndcg10: { label: "nDCG@10", better: "more", digits: 3, isScored: false },
  overlap10: { label: "overlap@10", better: "more", digits: 3, isScored: false },
  p50Ms: { label: "p50 ms", better: "less", digits: 3, isScored: true },
  p99Ms: { label: "p99 ms", better: "less", digits: 3, isScored: true },
  cpuMs: { label: "CPU ms", better: "less", digits: 3, isScored: true },
  qps1: { label: "QPS x1", better: "more", digits: 0, isScored: true },
  qps8: { label: "QPS x8", better: "more", digits: 0, isScored: true },
  rowsPerS: { label: "rows/s", better: "more", digits: 0, isScored: true },
  buildS: { label: "build s", better: "less", digits: 2, isScored: true },
  buildCpuS: { label: "build CPU s", better: "less", digits: 2, isScored: true },
  diskMiB: { label: "disk MiB", better: "less", digits: 1, isScored: true },
} as const satisfies Record<string, FigureKind>;

/** Name of a figure. */
export type Figure = keyof typeof figureKinds;
/** Figures of one measurement. */
export type Figures = { readonly [F in Figure]?: number };

/** Names of figures, in the order of the columns. */
export const figureNames = Object.keys(figureKinds) as readonly Figure[];

/** How many times better `ours` is than `theirs`: below 1 is a loss, whichever way the figure counts. */
export function advantage(figure: Figure, ours: number, theirs: number): number {
  return figureKinds[figure].better === "less" ? theirs / ours : ours / theirs;
}
