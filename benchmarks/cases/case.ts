import type { DataSet, Size } from "../data/sets.ts";
import type { Abilities, Engine } from "../engines/engine.ts";
import type { Figures } from "../figures.ts";

/** How long things may take. */
export interface Pace {
  /** One latency loop, in ms. */
  readonly latencyMs: number;
  /** One throughput window, in ms. */
  readonly windowMs: number;
  /** Single writes per round. */
  readonly singles: number;
}

/** What a case gets in an engine's own process. */
export interface Bench {
  readonly engine: Engine;
  readonly set: DataSet;
  readonly pace: Pace;
  /** A new, empty folder. */
  readonly folder: () => string;
}

/** One operating point of an engine: measured again in every round. */
export interface Point {
  /** Report rows that it belongs to: an exact engine stands beside each recall that others reach. */
  readonly serves: readonly string[];
  readonly parameters: Readonly<Record<string, string | number>>;
  /** Measured once, before the clock starts. */
  readonly fixed: Figures;
  measure(): Promise<Figures>;
}

/** An engine that is ready for the clock: built, and its answers found right. */
export interface Prepared {
  readonly points: readonly Point[];
  /** Goals that it could not reach and similar remarks. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

/** One thing that is measured. */
export interface Case {
  readonly name: string;
  /** Why an engine cannot take part, or null. */
  refuses(abilities: Abilities): string | null;
  /** The sets it runs on; made in the runner, once. */
  sets(folder: string | null, size: Size, isQuick: boolean): Promise<DataSet[]>;
  /**
   * Builds, checks answers and chooses points, in the engine's process.
   *
   * @throws `WrongAnswer`
   */
  prepare(bench: Bench): Promise<Prepared>;
}

/** Answers that no honest engine gives. It fails the run. */
export class WrongAnswer extends Error {
  override readonly name = "WrongAnswer";
}

/** @throws `WrongAnswer` unless `found` names at most `k` distinct stored rows. */
export function checkRows(found: readonly number[], k: number, count: number, query: number): void {
  const bad = found.find((row) => !Number.isInteger(row) || row < 0 || row >= count);
  if (bad !== undefined) throw new WrongAnswer(`query ${query}: row ${bad} was never stored (${count} rows)`);
  if (new Set(found).size !== found.length) throw new WrongAnswer(`query ${query}: a row was found twice`);
  if (found.length > k) throw new WrongAnswer(`query ${query}: ${found.length} hits for k = ${k}`);
}
