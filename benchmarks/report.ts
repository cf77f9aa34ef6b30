import { ours as ownEngines } from "./engines/registry.ts";
import { advantage, type Figure, figureKinds, figureNames } from "./figures.ts";
import type { Row, Run, Section } from "./results.ts";

/** How one of our figures stands beside the best of the others. */
export interface Comparison {
  readonly figure: Figure;
  readonly peer: string;
  /** Times better than that peer; below 1 is a loss. */
  readonly ratio: number;
  /** The rounds of the two overlap so far that another run may turn the result round. */
  readonly isNoise: boolean;
}

/** Each scored figure of `row` against the best of `peers`, in the order of the columns. */
export function compareWithBest(row: Row, peers: readonly Row[]): Comparison[] {
  const comparisons: Comparison[] = [];
  for (const figure of figureNames) {
    const ours = row.figures[figure];
    if (!figureKinds[figure].isScored || ours === undefined) continue;
    let best: Comparison | null = null;
    for (const peer of peers) {
      const theirs = peer.figures[figure];
      if (theirs === undefined) continue;
      const ratio = advantage(figure, ours.median, theirs.median);
      const noise = 1 + ((ours.spread ?? 0) + (theirs.spread ?? 0)) / 2;
      const isNoise = ratio < noise && ratio > 1 / noise;
      if (best === null || ratio < best.ratio) best = { figure, peer: peer.engine, ratio, isNoise };
    }
    if (best !== null) comparisons.push(best);
  }
  return comparisons;
}

/** A run as text: ratios to the best peer first, then every engine's figures, then who is missing and why. */
export function report(run: Run): string {
  const { machine, loadBefore, loadAfter, rounds } = run;
  const load = `load ${loadBefore.toFixed(1)} before, ${loadAfter.toFixed(1)} after`;
  const head = [
    `commit ${run.commit} · ${run.date} · ${Math.round(run.seconds)} s`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB · ${machine.system} · Node ${machine.node} · ${load}`,
    `median of ${rounds} interleaved rounds ± (largest - smallest) / 2; CPU is of all threads; build, disk and quality measured once; warm`,
  ];
  if (Math.max(loadBefore, loadAfter) > machine.cores + 1)
    head.push("the machine was busy: these figures are not to be quoted");
  return [...head, ...run.sections.map(sectionText)].join("\n").concat("\n");
}

function sectionText(section: Section): string {
  const { case: name, set, note, rows, queries, results } = section;
  const size = `${rows.toLocaleString("en")} rows${queries > 0 ? `, ${queries} queries` : ""}`;
  const lines = ["", `== ${name} · ${set}, ${note} · ${size}`];
  for (const { names, members } of groups(results))
    lines.push("", names.join(", "), ...ratios(members), table(members));
  for (const { engine, note } of section.notes) lines.push(`${engine}: ${note}`);
  for (const { engine, kind, reason } of section.absent) lines.push(`${engine}: ${kind}: ${reason}`);
  return lines.join("\n");
}

/** Rows that stand beside each other; operating points at which every engine has the same row are one group. */
function groups(results: readonly Row[]): { names: string[]; members: Row[] }[] {
  const groups: { names: string[]; members: Row[] }[] = [];
  for (const name of new Set(results.flatMap(({ serves }) => serves))) {
    const members = results.filter(({ serves }) => serves.includes(name));
    const same = groups.find(
      (group) => members.length === group.members.length && members.every((row) => group.members.includes(row)),
    );
    if (same === undefined) groups.push({ names: [name], members });
    else same.names.push(name);
  }
  return groups;
}

/** One line for each of our engines, losses before wins. */
function ratios(members: readonly Row[]): string[] {
  const peers = members.filter(({ engine }) => !ownEngines.includes(engine));
  return members
    .filter(({ engine }) => ownEngines.includes(engine))
    .flatMap((row) => {
      const text = compareWithBest(row, peers)
        .toSorted((a, b) => a.ratio - b.ratio)
        .map(
          ({ figure, peer, ratio, isNoise }) =>
            `${figureKinds[figure].label} ${times(ratio)}${isNoise ? "~" : ""} ${peer}`,
        );
      return text.length === 0 ? [] : [`  ${row.engine} beside the best peer, more is better: ${text.join(" · ")}`];
    });
}

function times(ratio: number): string {
  return `${ratio < 0.1 ? ratio.toFixed(3) : ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0)}x`;
}

/** Engines by columns of figures, fastest first. */
function table(members: readonly Row[]): string {
  const figures = figureNames.filter((figure) => members.some((row) => row.figures[figure] !== undefined));
  const key = figures.find((figure) => figure === "p50Ms" || figure === "rowsPerS") ?? figures[0];
  const order = members.toSorted((a, b) => (key === undefined ? 0 : advantage(key, value(b, key), value(a, key)) - 1));
  const cells = [
    ["engine", ...figures.map((figure) => figureKinds[figure].label), "parameters"],
    ...order.map((row) => [
      `${row.engine} ${row.version}`,
      ...figures.map((figure) => cell(row, figure)),
      Object.entries(row.parameters)
        .map(([name, value]) => `${name} ${value}`)
        .join(", "),
    ]),
  ];
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0))) ?? [];
  return cells
    .map((line) =>
      line
        .map((text, column) =>
          column === 0 || column === line.length - 1
            ? text.padEnd(widths[column] ?? 0)
            : text.padStart(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `  ${line}`)
    .join("\n");
}

function value(row: Row, figure: Figure): number {
  return row.figures[figure]?.median ?? Number.NaN;
}

function cell(row: Row, figure: Figure): string {
  const measured = row.figures[figure];
  if (measured === undefined) return "-";
  const text = measured.median.toFixed(figureKinds[figure].digits);
  return measured.spread === undefined ? text : `${text} ±${Math.round(50 * measured.spread)}%`;
}
