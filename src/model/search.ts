import type { DocumentText, JsonObject, JsonValue, VectorValue } from "./document.ts";
import type { Filter } from "./filter.ts";
import type { CallOptions } from "./write.ts";

/** One side of a hybrid search. */
export type Leg = "vector" | "text";
/** How the legs' lists become one. `weights`: balanced takes λ as `vector`; the others one weight for each leg. */
export interface FusionOptions {
  /** @default "balanced" */
  readonly method?: "balanced" | "convex" | "rrf" | "dbsf";
  /** How much each leg counts. */
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
  /** Compared with the default vector; copied before the call returns. */
  readonly vector?: VectorValue;
  /** Words and `"quoted phrases"`, or-ed; at most 64 KiB. */
  readonly text?: TextQuery;
  /** Compared with named vectors. Not served yet: `UNSUPPORTED`. */
  readonly vectors?: { readonly [name: string]: VectorValue };
  /** Only documents that match are found. */
  readonly filter?: Filter<M>;
  /** Hits wanted, 1 to 10,000. @default 10 */
  readonly k?: number;
  /** Hits skipped; offset + k at most 10,000. @default 0 */
  readonly offset?: number;
  /** `next` of the page before. Not served yet: `UNSUPPORTED`. */
  readonly after?: string;
  /** Share of the exact top k wanted, 0.5 to 0.999, or `"exact"`. @default 0.95 */
  readonly recall?: number | "exact";
  /** How the rankings of the two legs become one. */
  readonly fusion?: FusionOptions;
  /** Hits below this score are left out. */
  readonly minScore?: number;
  /** What hits carry beside id and scores. */
  readonly include?: Include;
  /** A kept or building generation instead of the live one. */
  readonly generation?: number;
  /** This engine or an error. */
  readonly engine?: string;
  /** Reorders the best hits. Not served yet: `UNSUPPORTED`. */
  readonly rerank?: unknown;
  /** Maximal marginal relevance: trades likeness for variety. Not served yet: `UNSUPPORTED`. */
  readonly mmr?: { readonly lambda: number; readonly fetchK?: number };
  /** The best hits of each value of a field. Not served yet: `UNSUPPORTED`. */
  readonly groupBy?: { readonly field: string; readonly size?: number };
  /** Fields whose values are counted over all matches. Not served yet: `UNSUPPORTED`. */
  readonly facets?: readonly string[];
  /** Marks what matched in the text. Not served yet: `UNSUPPORTED`. */
  readonly highlight?: boolean | { readonly fields?: readonly string[]; readonly maxFragments?: number };
  /** Says how each score came about. Not served yet: `UNSUPPORTED`. */
  readonly explain?: boolean;
}
/** One document found. */
export interface Hit<M = JsonObject> {
  /** The document's. */
  id: string;
  /** Larger is better. */
  score: number;
  /** Of each leg that can score the document, even if only the other proposed it. */
  scores: { vector?: number; text?: number };
  /** As given; absent when not included. */
  text?: DocumentText;
  /** As given; absent when not included. */
  metadata?: M;
  /** The stored components; only when included. */
  vector?: Float32Array;
}
/** Why and how an answer is less than asked for. */
export interface Degraded {
  /** Engine or budget that did not serve. */
  readonly from: string;
  /** Why, in words. */
  readonly reason: string;
  /** Sequences that the answer lags behind the newest write. */
  readonly behind?: number;
}
/** The answer to one search. Fewer than `k` hits means that fewer documents match. */
export interface SearchResult<M = JsonObject> {
  /** Best first; ties by ascending id (UTF-8 bytes). */
  hits: Hit<M>[];
  /** The one that answered. */
  engine: string;
  /** The one that was searched. */
  generation: number;
  /** Newest write that the answer includes. */
  sequence: number;
  /** Wall time of the call, queueing and embedding included. */
  tookMs: number;
  /** One-sided 95 % bound measured at seal; absent when the answer is exact. */
  recallLowerBound?: number;
  /** Set when anything but what was asked for answered. */
  degraded?: Degraded;
}
