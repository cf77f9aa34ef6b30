import type { JsonValue, SchemaInfo } from "./document.ts";
import type { Degraded } from "./search.ts";
import type { CallOptions, ProgressListener } from "./write.ts";

/** Who answers, from where, and what stepped aside. */
export interface Status {
  /** The one that answers now. */
  readonly engine: string;
  /** The directory, or `:memory:`. */
  readonly path: string;
  /** Whether writes are refused. */
  readonly readOnly: boolean;
  /** The live one. */
  readonly generation: number;
  /** Newest accepted write. */
  readonly sequence: number;
  /** Number of the open build, if there is one. */
  readonly building?: number;
  /** Set while a preferred engine does not answer. */
  readonly degraded?: Degraded;
  /** Answers given and answers of a stand-in since open. */
  readonly searches: number;
  /** Of these, answers of a stand-in. */
  readonly fallbacks: number;
  /** Engine's own facts: CPU level, binary, and the like. */
  readonly details: { readonly [name: string]: JsonValue };
}
/** Sizes. */
export interface Stats {
  /** The live one. */
  readonly generation: number;
  /** Newest accepted write. */
  readonly sequence: number;
  /** Bytes on disk of everything kept; 0 in memory. */
  readonly bytes: number;
  /** Sizes by collection. */
  readonly collections: { readonly [name: string]: CollectionStats };
}
/** Sizes of one collection. */
export interface CollectionStats {
  /** Documents in all namespaces. */
  readonly count: number;
  /** Immutable segments, the one in memory not counted. */
  readonly segments: number;
  /** Bytes on disk; 0 in memory. */
  readonly bytes: number;
  /** Documents in memory and in the log, not yet in a segment. */
  readonly unflushed: number;
  /** Rows of segments that were deleted or replaced; merges reclaim them. */
  readonly dead: number;
  /** λ of balanced fusion: what one standard deviation of the vector score is worth, where a query sets no weight. */
  readonly lambda: number;
  /** Identity of what makes the vectors of `embed: "lsa"`: `hash-…` before the first fit, then `lsa-…`. */
  readonly embedder?: string;
  /** Declared parts and what documents taught. */
  readonly schema: SchemaInfo;
}
/** Outcome of reading every stored byte. */
export interface Verification {
  /** No problem was found. */
  readonly ok: boolean;
  /** Files read. */
  readonly files: number;
  /** Bytes read. */
  readonly bytes: number;
  /** Every damaged or missing file with what is wrong. */
  readonly problems: readonly { readonly file: string; readonly problem: string }[];
  /** Wall time of the call. */
  readonly tookMs: number;
}
/** Options of `verify`. */
export interface VerifyOptions extends CallOptions {
  /** Hears of files read. */
  readonly progress?: ProgressListener;
}
