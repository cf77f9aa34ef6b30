import type { JsonValue, SchemaInfo } from "./document.ts";
import type { Degraded } from "./search.ts";
import type { CallOptions, ProgressListener } from "./write.ts";

/** Who answers, from where, and what stepped aside. */
export interface Status {
  readonly engine: string;
  readonly path: string;
  readonly readOnly: boolean;
  readonly generation: number;
  readonly sequence: number;
  readonly building?: number;
  /** Set while a preferred engine does not answer. */
  readonly degraded?: Degraded;
  /** Answers given and answers of a stand-in since open. */
  readonly searches: number;
  readonly fallbacks: number;
  /** Engine's own facts: CPU level, binary, and the like. */
  readonly details: { readonly [name: string]: JsonValue };
}
/** Sizes. */
export interface Stats {
  readonly generation: number;
  readonly sequence: number;
  readonly bytes: number;
  readonly collections: { readonly [name: string]: CollectionStats };
}
/** Sizes of one collection. */
export interface CollectionStats {
  readonly count: number;
  readonly segments: number;
  readonly bytes: number;
  readonly schema: SchemaInfo;
}
/** Outcome of reading every stored byte. */
export interface Verification {
  readonly ok: boolean;
  readonly files: number;
  readonly bytes: number;
  readonly problems: readonly { readonly file: string; readonly problem: string }[];
  readonly tookMs: number;
}
/** Options of `verify`. */
export interface VerifyOptions extends CallOptions {
  readonly progress?: ProgressListener;
}
