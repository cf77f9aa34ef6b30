import type { JsonObject } from "./document.ts";
import type { SearchQuery } from "./search.ts";
import type { CallOptions, ProgressListener } from "./write.ts";

/** State of a generation. `kept` was live before and can be rolled back to. */
export type GenerationState = "building" | "sealed" | "live" | "kept";
/** One generation in a list. Times are ISO 8601. */
export interface GenerationInfo {
  /** Its number; numbers only grow. */
  readonly generation: number;
  /** Where it stands between `begin` and `drop`. */
  readonly state: GenerationState;
  /** The generation it was begun from. */
  readonly parent?: number;
  /** Sequence of its newest write. */
  readonly sequence: number;
  /** Documents in all collections. */
  readonly count: number;
  /** Bytes on disk, files shared with other generations included; 0 in memory. */
  readonly bytes: number;
  /** Retention leaves it alone. */
  readonly pinned: boolean;
  /** When `begin` was called. */
  readonly createdAt?: string;
  /** When it became durable and immutable. */
  readonly sealedAt?: string;
  /** When it last went live. */
  readonly promotedAt?: string;
}
/** What a build starts from: `"live"` shares its documents, `"empty"` keeps only the schemas. */
export interface BeginOptions extends CallOptions {
  /** @default "live" */
  readonly from?: "live" | "empty";
  /** Collections to rebuild; the others come from the live generation at promotion. @default all */
  readonly collections?: readonly string[];
}
/** Options of `seal`. Abort stops the work; the build stays open. */
export interface SealOptions extends CallOptions {
  /** Hears of each phase: embedding, writing, measuring, checking. */
  readonly progress?: ProgressListener;
}
/** A sealed build: durable, immutable, not live. */
export interface Sealed {
  /** Number of the build. */
  readonly generation: number;
  /** Sequence of its newest write. */
  readonly sequence: number;
  /** Documents in all collections. */
  readonly count: number;
  /** Bytes on disk; 0 in memory. */
  readonly bytes: number;
  /** Recall@10 against an exact scan (lower bound); absent where everything is exact. */
  readonly recallLowerBound?: number;
  /** Wall time of `seal`. */
  readonly tookMs: number;
}
/** A query whose answer is known: at least `atLeast` (default all) of `expect` must be among its hits. */
export interface Canary {
  /** Where the query runs. */
  readonly collection: string;
  /** Bound to this namespace. @default "" */
  readonly namespace?: string;
  /** Run on the build, as `search` would. */
  readonly query: SearchQuery<JsonObject>;
  /** Ids that should be among the hits. */
  readonly expect: readonly string[];
  /** How many of `expect` must be found. @default all */
  readonly atLeast?: number;
}
/** What a build must fulfil to go live. Checksums are always checked. */
export interface Gate {
  /** Lower bound of recall@10 against an exact scan of the build, 0 to 1. */
  readonly recall?: number;
  /** Documents in all collections. */
  readonly minCount?: number;
  /** Queries whose answers are known. */
  readonly canaries?: readonly Canary[];
  /** Median query time as a ratio to the live generation's. */
  readonly latency?: number;
}
/** Result of one check of a gate. */
export interface GateCheck {
  /** `recall`, `minCount`, `latency`, `canary …`, `checksums` or `carry`. */
  readonly name: string;
  /** Whether it allows the promotion. */
  readonly passed: boolean;
  /** The bound that was asked for. */
  readonly required?: number | string;
  /** What was found. */
  readonly measured?: number | string;
}
/** Options of `promote`. */
export interface PromoteOptions extends CallOptions {
  /** What the build must fulfil; a refusal is `GATE_REFUSED` with every check. @default checksums only */
  readonly gate?: Gate;
  /** `false` refuses when live writes arrived since `begin`. @default true: they are carried on top */
  readonly carry?: boolean;
}
/** A finished promotion. */
export interface Promotion {
  /** The one that is live now. */
  readonly generation: number;
  /** The one that was live before, kept for a rollback. */
  readonly previous: number;
  /** Newest write in the live generation. */
  readonly sequence: number;
  /** Documents written or deleted live since `begin` that were carried over. */
  readonly carried: number;
  /** Every check of the gate, all passed. */
  readonly checks: readonly GateCheck[];
  /** Wall time of `promote`. */
  readonly tookMs: number;
}
/** Options of `rollback`. */
export interface RollbackOptions extends CallOptions {
  /** @default the generation that the live one was promoted over */
  readonly to?: number;
  /** What happens to writes accepted since that generation was left. @default "keep" */
  readonly writes?: "keep" | "drop";
}
/** A finished rollback. */
export interface Rollback {
  /** The one that is live now. */
  readonly generation: number;
  /** The one that was live before. */
  readonly previous: number;
  /** Newest write in the live generation. */
  readonly sequence: number;
  /** Documents written or deleted since that were carried over. */
  readonly carried: number;
  /** Documents written or deleted since that were left behind. */
  readonly dropped: number;
  /** Wall time of `rollback`. */
  readonly tookMs: number;
}
/** Which old generations are kept beside the live one and pinned ones. */
export interface Retention {
  /** Generations kept, the live one included. @default 3 */
  readonly count?: number;
  /** Oldest ones go while all kept ones together exceed this. */
  readonly bytes?: number;
  /** Ones that left service longer ago go. */
  readonly days?: number;
}
