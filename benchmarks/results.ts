import type { FailureKind } from "./protocol.ts";
import type { Figure } from "./figures.ts";

/** One figure over the rounds. */
export interface Measured {
  readonly median: number;
  /** (largest − smallest) / median over the rounds; absent for what was measured once. */
  readonly spread?: number;
  readonly samples: readonly number[];
}

/** One engine at one operating point. */
export interface Row {
  readonly engine: string;
  readonly version: string;
  readonly serves: readonly string[];
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly figures: { readonly [F in Figure]?: Measured };
}

/** An engine without a row. */
export interface Absent {
  readonly engine: string;
  readonly kind: FailureKind;
  readonly reason: string;
}

/** One case on one set. */
export interface Section {
  readonly case: string;
  readonly set: string;
  readonly note: string;
  readonly rows: number;
  readonly queries: number;
  readonly results: readonly Row[];
  readonly absent: readonly Absent[];
  readonly notes: readonly { readonly engine: string; readonly note: string }[];
}

/** Where and when figures were taken. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
}

/** A whole run, as it is written to JSON. */
export interface Run {
  readonly format: 1;
  readonly date: string;
  readonly commit: string;
  readonly machine: Machine;
  /** Of the last minute, before and after: above the number of cores, others worked too. */
  readonly loadBefore: number;
  readonly loadAfter: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly sections: readonly Section[];
}
