import type {
  BeginOptions,
  CollectionInfo,
  Committed,
  Degraded,
  DocumentText,
  Durability,
  EmbeddingInfo,
  Gate,
  GenerationInfo,
  JsonValue,
  MetadataType,
  Metric,
  ProgressListener,
  Promotion,
  Retention,
  Rollback,
  SchemaInfo,
  Sealed,
  Stats,
  Verification,
} from "../model.ts";
import type { Capabilities } from "./capabilities.ts";

/**
 * The port: a whole store behind one handle. Input is parsed, validated and owned by the engine (nobody changes it later);
 * what only the store can know is checked here: dimension, zero vectors, schema types, existence, generations.
 * An error that one document of a batch caused carries `details.position` and `details.id`; nothing was changed then.
 *
 * Abort: an engine stops work when it can and rejects with `AbortError`; a write that has begun to be applied is finished.
 * The caller stops waiting on its own, so a slow engine never delays a rejection.
 */
export interface Engine extends AsyncDisposable {
  /** `"native"`, `"memory"`: what results call the engine. */
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly readOnly: boolean;

  /**
   * Opens or creates. Parts that `spec` leaves out are as stored, else inferred; a contradiction is `INVALID_SCHEMA`,
   * `DIMENSION_MISMATCH` or `EMBEDDER_MISMATCH` (details `expected`, `actual`). A build's collection without documents takes
   * another embedder; promoting it refuses while live writes would have to be embedded anew.
   */
  openCollection(target: Target, name: string, spec: CollectionSpec, options?: EngineCall): Promise<SchemaInfo>;
  /** In ascending order of name. */
  collections(target: Target): Promise<CollectionInfo[]>;
  /** Empties and removes a live collection. `NOT_FOUND` when absent. */
  dropCollection(name: string): Promise<Committed>;

  /** Applies one batch whole or not at all. Resolves when it is searchable and as durable as asked. */
  write(place: Place, op: WriteOp, options: EngineCall & { readonly durability: Durability }): Promise<Committed>;

  /** In the order of `ids`; `null` when missing. Vectors of the built-in embedder are left out, here and in `scan`. */
  get(place: Place, ids: readonly string[], options?: EngineCall): Promise<(EngineDocument | null)[]>;
  count(place: Place, filter: JsonFilter | undefined, options?: EngineCall): Promise<number>;
  /** Documents of one snapshot, taken at the first `next`, in ascending order of id, in chunks. */
  scan(place: Place, filter: JsonFilter | undefined, options?: EngineCall): AsyncIterable<EngineDocument[]>;
  search(place: Place, query: EngineQuery, options?: EngineCall): Promise<EngineResult>;
  /** One result for each query, on one snapshot. */
  searchMany(place: Place, queries: readonly EngineQuery[], options?: EngineCall): Promise<EngineResult[]>;
  /** Present when `capabilities.sync`; never embeds with an external embedder. */
  searchSync?(place: Place, query: EngineQuery): EngineResult;
  /** Waits until background merges and index builds are done. */
  optimize(place: Place, options?: EngineCall): Promise<void>;

  /** Starts a build and returns its number. `LOCKED` while another is open. */
  begin(options: Omit<BeginOptions, "signal" | "timeoutMs">): Promise<number>;
  seal(generation: number, options?: EngineCall & { readonly progress?: ProgressListener }): Promise<Sealed>;
  promote(
    generation: number,
    options: EngineCall & { readonly gate: EngineGate; readonly carry: boolean },
  ): Promise<Promotion>;
  rollback(options: EngineCall & { readonly to?: number; readonly writes: "keep" | "drop" }): Promise<Rollback>;
  /** Forgets a build or a sealed generation that was never promoted. */
  abandon(generation: number): Promise<void>;
  /** In ascending order of number. */
  generations(): Promise<GenerationInfo[]>;
  pin(generation: number): Promise<void>;
  unpin(generation: number): Promise<void>;
  /** Forgets a kept generation; the live and pinned ones are refused. */
  drop(generation: number): Promise<void>;

  status(): EngineStatus;
  stats(): Promise<Stats>;
  verify(options?: EngineCall & { readonly progress?: ProgressListener }): Promise<Verification>;
  /** Finishes accepted writes, syncs, lets go. Idempotent; later calls reject with `CLOSED`. */
  close(): Promise<void>;
  /** The same for `exit` handlers: blocks. */
  closeSync(): void;
}

/** What every call may carry. */
export interface EngineCall {
  readonly signal?: AbortSignal | undefined;
}
/** What an engine is opened with. */
export interface EngineOptions {
  readonly readOnly: boolean;
  readonly retention: Required<Pick<Retention, "count">> & Retention;
  /** Milliseconds within which a reader process follows the writer. */
  readonly followMs: number;
  /** Threads for searches; 0 lets the engine choose. */
  readonly threads: number;
  /** Takes events; never throws. */
  readonly onEvent: (event: EngineEvent) => void;
}
/** What an engine tells without being asked. */
export interface EngineEvent {
  readonly type: "generation" | "drift" | "maintenance" | "error" | "schema";
  readonly message: string;
  readonly details: { readonly [name: string]: JsonValue };
}

/** The live generation, a build in progress (written by its owner), or a kept one (read-only). */
export type Target = "live" | { readonly generation: number };
/** One namespace of one collection in one generation. */
export interface Place {
  readonly target: Target;
  readonly collection: string;
  readonly namespace: string;
}

/** A declared schema; absent parts are inferred. */
export interface CollectionSpec {
  readonly dimension?: number;
  readonly metric?: Metric;
  readonly text?: readonly TextFieldSpec[];
  readonly metadata?: { readonly [field: string]: MetadataFieldSpec };
  readonly embedding?: EmbeddingInfo;
  readonly namespacesRequired?: boolean;
}

/** A declared text field; absent parts are as stored, else weight 4 for `title`, 1 for others, and English. */
export interface TextFieldSpec {
  readonly name: string;
  readonly weight?: number;
  readonly language?: string;
}
/** A declared metadata field; `filterable` is as stored, else true. */
export interface MetadataFieldSpec {
  readonly type: MetadataType;
  readonly filterable?: boolean;
}

/** A document in the port: `metadata` is the text of a JSON object, so that every key survives. */
export interface EngineDocument {
  readonly id: string;
  readonly vector?: Float32Array;
  readonly text?: DocumentText;
  readonly metadata?: string;
}
/** A merge patch (RFC 7386) of one document; `metadata` is the text of a JSON object. */
export interface EnginePatch {
  readonly id: string;
  readonly vector?: Float32Array | null;
  readonly text?: string | { readonly [field: string]: string | null } | null;
  readonly metadata?: string | null;
}
/** A parsed filter as JSON: operators known, depth and size within limits, dates as ISO strings. */
export type JsonFilter = { readonly [key: string]: JsonValue };
/** One batch. `update` is `NOT_FOUND` when the document is missing; `delete` ignores missing ids and counts the others. */
export type WriteOp =
  | { readonly kind: "upsert"; readonly documents: readonly EngineDocument[] }
  | { readonly kind: "update"; readonly patch: EnginePatch }
  | { readonly kind: "delete"; readonly ids: readonly string[] }
  | { readonly kind: "deleteWhere"; readonly filter: JsonFilter };

/** Resolved fusion parameters; `weights` holds only what the user set (balanced: `vector` is λ). */
export interface EngineFusion {
  readonly method: "balanced" | "convex" | "rrf" | "dbsf";
  readonly weights: { readonly vector?: number; readonly text?: number };
  readonly rrfK: number;
  /** Documents that each leg proposes; at least offset + k. */
  readonly candidates: number;
}
/** A parsed search. `hybrid` without `vector`: the engine embeds `text` with its built-in embedder. */
export interface EngineQuery {
  readonly kind: "vector" | "text" | "hybrid";
  readonly vector?: Float32Array;
  readonly text?: string;
  readonly filter?: JsonFilter;
  readonly k: number;
  readonly offset: number;
  /** 0.5 to 0.999, or 1 for exact. */
  readonly recall: number;
  readonly fusion: EngineFusion;
  readonly minScore?: number;
  readonly include: { readonly vector: boolean; readonly text: boolean; readonly metadata: boolean };
}
/** One hit; `metadata` as in `EngineDocument`. */
export interface EngineHit {
  readonly id: string;
  readonly score: number;
  readonly scores: { readonly vector?: number; readonly text?: number };
  readonly text?: DocumentText;
  readonly metadata?: string;
  readonly vector?: Float32Array;
}
/** Best first, ties by ascending id (UTF-8 bytes), and the state that answered. */
export interface EngineResult {
  readonly hits: readonly EngineHit[];
  readonly generation: number;
  readonly sequence: number;
  readonly recallLowerBound?: number;
  readonly degraded?: Degraded;
}
/** A gate whose canary queries are parsed. */
export interface EngineGate extends Omit<Gate, "canaries"> {
  readonly canaries: readonly EngineCanary[];
}
/** A query of a gate with the ids that must be found. */
export interface EngineCanary {
  readonly collection: string;
  readonly namespace: string;
  readonly query: EngineQuery;
  readonly expect: readonly string[];
  readonly atLeast: number;
}
/** Cheap facts, no disk access. */
export interface EngineStatus {
  readonly generation: number;
  readonly sequence: number;
  readonly building?: number;
  readonly details: { readonly [name: string]: JsonValue };
}
