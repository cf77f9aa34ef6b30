import type { JsonObject } from "./document.ts";
import type { SearchQuery } from "./search.ts";
import type { CallOptions, ProgressListener } from "./write.ts";

/** State of a generation. `kept` was live before and can be rolled back to. */
export type GenerationState = "building" | "sealed" | "live" | "kept";
/** One generation in a list. Times are ISO 8601. */
export interface GenerationInfo {
  readonly generation: number;
  readonly state: GenerationState;
  readonly parent?: number;
  /** Sequence of its newest write. */
  readonly sequence: number;
  /** Documents in all collections. */
  readonly count: number;
  /** Bytes on disk, files shared with other generations included; 0 in memory. */
  readonly bytes: number;
  readonly pinned: boolean;
  readonly createdAt?: string;
  readonly sealedAt?: string;
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
  readonly progress?: ProgressListener;
}
/** A sealed build: durable, immutable, not live. */
export interface Sealed {
  readonly generation: number;
  readonly sequence: number;
  readonly count: number;
  readonly bytes: number;
  /** Recall@10 against an exact scan (lower bound); absent where everything is exact. */
  readonly recallLowerBound?: number;
  readonly tookMs: number;
}
/** A query whose answer is known: at least `atLeast` (default all) of `expect` must be among its hits. */
export interface Canary {
  readonly collection: string;
  readonly namespace?: string;
  readonly query: SearchQuery<JsonObject>;
  readonly expect: readonly string[];
  readonly atLeast?: number;
}
/** What a build must fulfil to go live. Checksums are always checked. */
export interface Gate {
  /** Lower bound of recall@10 against an exact scan of the build, 0 to 1. */
  readonly recall?: number;
  /** Documents in all collections. */
  readonly minCount?: number;
  readonly canaries?: readonly Canary[];
  /** Median query time as a ratio to the live generation's. */
  readonly latency?: number;
}
/** Result of one check of a gate. */
export interface GateCheck {
  readonly name: string;
  readonly passed: boolean;
  readonly required?: number | string;
  readonly measured?: number | string;
}
/** Options of `promote`. */
export interface PromoteOptions extends CallOptions {
  readonly gate?: Gate;
  /** `false` refuses when live writes arrived since `begin`. @default true: they are carried on top */
  readonly carry?: boolean;
}
/** A finished promotion. */
export interface Promotion {
  readonly generation: number;
  readonly previous: number;
  readonly sequence: number;
  /** Documents written or deleted live since `begin` that were carried over. */
  readonly carried: number;
  readonly checks: readonly GateCheck[];
  readonly tookMs: number;
}
/** Options of `rollback`. */
export interface RollbackOptions extends CallOptions {
  /** @default the generation that was live before */
  readonly to?: number;
  /** What happens to writes accepted since that generation was left. @default "keep" */
  readonly writes?: "keep" | "drop";
}
/** A finished rollback. */
export interface Rollback {
  readonly generation: number;
  readonly previous: number;
  readonly sequence: number;
  /** Documents written or deleted since that were carried over. */
  readonly carried: number;
  /** Documents written or deleted since that were left behind. */
  readonly dropped: number;
  readonly tookMs: number;
}
/** Which old generations are kept beside the live one and pinned ones. */
export interface Retention {
  /** Generations kept, the live one included. @default 3 */
  readonly count?: number;
  readonly bytes?: number;
  readonly days?: number;
}
