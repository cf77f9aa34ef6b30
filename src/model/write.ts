import type { DocumentInput, JsonObject } from "./document.ts";

/** Ways to stop a call early; both reject. */
export interface CallOptions {
  /** Rejects the call with `ABORTED`, cause `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /** Rejects the call with `TIMEOUT` after so many milliseconds. @default none */
  readonly timeoutMs?: number | undefined;
}
/** When an acknowledged write is on disk: before the promise resolves, within 50 ms, or whenever the system likes. */
export type Durability = "sync" | "batch" | "none";
/** Options of a write. Abort before the engine has the batch stops it; afterwards only the waiting ends. */
export interface WriteOptions extends CallOptions {
  /** @default "sync" */
  readonly durability?: Durability;
}
/** A batch that was applied whole. */
export interface Committed {
  /** Number of the batch in its database; a call that changed nothing keeps the newest number. */
  readonly sequence: number;
  /** Documents inserted or replaced. */
  readonly upserted: number;
  /** Documents deleted. */
  readonly deleted: number;
}
/** How far long work is. `total` and `etaMs` are absent while unknown. */
export interface Progress {
  /** What is being done, one word. */
  readonly phase: string;
  /** Units finished in this phase. */
  readonly done: number;
  /** Units of this phase. */
  readonly total?: number;
  /** Units of `done` per second. */
  readonly rate: number;
  /** Milliseconds left at the present rate. */
  readonly etaMs?: number;
}
/** Takes reports of long work; called at most a few times per second. */
export type ProgressListener = (progress: Progress) => void;
/** Options of `ingest`. */
export interface IngestOptions<M = JsonObject> extends WriteOptions {
  /** Documents and bytes per batch, whichever is reached first. @default 1,000 documents, 8 MiB */
  readonly batch?: number | { readonly documents?: number; readonly bytes?: number };
  /** Batches prepared (embedded) at once, 1 to 16; they are applied in the source's order. @default 2 */
  readonly concurrency?: number;
  /** Documents that will come, so that progress can say how much is left. */
  readonly total?: number;
  /** Hears of batches applied. */
  readonly progress?: ProgressListener;
  /** Takes bad documents instead of failing the ingest. */
  readonly onReject?: (rejection: {
    readonly document: DocumentInput<M>;
    readonly position: number;
    readonly error: Error;
  }) => void;
}
/** What `ingest` did. */
export interface Ingested {
  /** Of the last batch. */
  readonly sequence: number;
  /** Documents written. */
  readonly accepted: number;
  /** Documents that `onReject` took. */
  readonly rejected: number;
  /** Wall time of the call. */
  readonly tookMs: number;
}
