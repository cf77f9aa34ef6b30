/** What an engine does. A case that needs what is absent here is reported as not served, with no row. */
export interface Abilities {
  /** Absent: no vector search. `isExact`: it compares every vector and claims the true nearest. */
  readonly vectors?: { readonly isExact: boolean };
  /** Absent: no text search. How it makes words of a text, for the report. */
  readonly text?: { readonly analysis: string };
  /** `isDurable`: an acknowledged write has been synced to disk. `note` says what happens instead, or when it is searchable. */
  readonly writes: { readonly isDurable: boolean; readonly note: string };
}

/** One setting of the trade between recall and time, in the engine's own words; `{}` where there is none. */
export type Effort = Readonly<Record<string, number>>;

/** Documents by column. Row `i` has the number `first + i`, which is its id. */
export interface Rows {
  readonly first: number;
  readonly count: number;
  readonly dimension: number;
  /** `count × dimension` values, unit length. */
  readonly vectors: Float32Array | null;
  readonly texts: readonly string[] | null;
}

/** What documents will hold, told before the first one. */
export interface Shape {
  readonly dimension: number;
  readonly hasVectors: boolean;
  readonly hasText: boolean;
  /** Most documents that will ever be stored. */
  readonly capacity: number;
}

/** An open store of one engine. Searches return row numbers, best first; metric is cosine. */
export interface Store {
  /** How indexes are built, for the report. */
  readonly parameters: Readonly<Record<string, string | number>>;
  /** From cheap to dear; never empty. */
  readonly efforts: readonly Effort[];
  /** Bulk load into an empty store, the way the engine's guide recommends, with the indexes built and on disk at the end. */
  build(rows: Rows): Promise<void>;
  /** One batch, acknowledged the engine's way, as durable as it can be where `isDurable`. */
  upsert(rows: Rows, isDurable: boolean): Promise<void> | void;
  count(): Promise<number> | number;
  searchVector?(query: Float32Array, k: number, effort: Effort): Promise<number[]> | number[];
  searchText?(query: string, k: number): Promise<number[]> | number[];
  close(): Promise<void> | void;
}

/** An engine whose package has been loaded. */
export interface Engine {
  readonly name: string;
  readonly version: string;
  readonly abilities: Abilities;
  /** `directory`: exists and is empty. */
  open(directory: string, shape: Shape): Promise<Store> | Store;
}

/** An engine that this machine cannot run; the message is the reason that the report shows. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}

/** Row `i` of the vectors, not copied. */
export function vectorAt({ vectors, dimension }: Rows, i: number): Float32Array {
  if (vectors === null) throw new Error("these rows have no vectors");
  return vectors.subarray(i * dimension, (i + 1) * dimension);
}

/** Rows `from` to `to` (exclusive), counted inside `rows`; vectors are not copied. */
export function sliceRows(rows: Rows, from: number, to: number): Rows {
  const end = Math.min(to, rows.count);
  return {
    first: rows.first + from,
    count: end - from,
    dimension: rows.dimension,
    vectors: rows.vectors?.subarray(from * rows.dimension, end * rows.dimension) ?? null,
    texts: rows.texts?.slice(from, end) ?? null,
  };
}

/** `rows` in batches of at most `size`. */
export function* batches(rows: Rows, size: number): Generator<Rows, void, undefined> {
  for (let from = 0; from < rows.count; from += size) yield sliceRows(rows, from, from + size);
}
