import type { DocumentText, JsonObject, JsonValue, VectorValue } from "./document.ts";
import type { Filter } from "./filter.ts";
import type { CallOptions } from "./write.ts";

/** One side of a hybrid search. */
export type Leg = "vector" | "text";
/** How the legs' lists become one. `weights`: balanced takes λ as `vector`; the others one weight for each leg. */
export interface FusionOptions {
  readonly method?: "balanced" | "convex" | "rrf" | "dbsf";
  readonly weights?: { readonly [L in Leg]?: number };
  /** @default 60 */
  readonly rrfK?: number;
  /** Documents that each leg proposes, 1 to 10,000. @default the larger of 100 and offset + k */
  readonly candidates?: number;
}
/** What a hit carries beside its id and scores. */
export interface Include {
  /** @default false */
  readonly vector?: boolean;
  /** @default true */
  readonly text?: boolean;
  /** @default true */
  readonly metadata?: boolean;
}
/** A structured text query. */
export type TextQuery = string | { readonly [key: string]: JsonValue };
/** A search. Only `vector`: vector search; only `text`: BM25, or hybrid under an embedder; both: hybrid. */
export interface SearchQuery<M = JsonObject> extends CallOptions {
  readonly vector?: VectorValue;
  readonly text?: TextQuery;
  readonly vectors?: { readonly [name: string]: VectorValue };
  readonly filter?: Filter<M>;
  /** Hits wanted, 1 to 10,000. @default 10 */
  readonly k?: number;
  /** Hits skipped; offset + k at most 10,000. @default 0 */
  readonly offset?: number;
  readonly after?: string;
  /** Share of the exact top k wanted, 0.5 to 0.999, or `"exact"`. @default 0.95 */
  readonly recall?: number | "exact";
  readonly fusion?: FusionOptions;
  /** Hits below this score are left out. */
  readonly minScore?: number;
  readonly include?: Include;
  /** A kept or building generation instead of the live one. */
  readonly generation?: number;
  /** This engine or an error. */
  readonly engine?: string;
  readonly rerank?: unknown;
  readonly mmr?: { readonly lambda: number; readonly fetchK?: number };
  readonly groupBy?: { readonly field: string; readonly size?: number };
  readonly facets?: readonly string[];
  readonly highlight?: boolean | { readonly fields?: readonly string[]; readonly maxFragments?: number };
  readonly explain?: boolean;
}
/** One document found. */
export interface Hit<M = JsonObject> {
  id: string;
  /** Larger is better. */
  score: number;
  /** Of each leg that can score the document, even if only the other proposed it. */
  scores: { vector?: number; text?: number };
  text?: DocumentText;
  metadata?: M;
  vector?: Float32Array;
}
/** Why and how an answer is less than asked for. */
export interface Degraded {
  readonly from: string;
  readonly reason: string;
  readonly behind?: number;
}
/** The answer to one search. Fewer than `k` hits means that fewer documents match. */
export interface SearchResult<M = JsonObject> {
  /** Best first; ties by ascending id (UTF-8 bytes). */
  hits: Hit<M>[];
  engine: string;
  generation: number;
  sequence: number;
  tookMs: number;
  /** One-sided 95 % bound measured at seal; absent when the answer is exact. */
  recallLowerBound?: number;
  degraded?: Degraded;
}
