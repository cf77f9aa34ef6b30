/** What a text is embedded for; some models differ. */
export type EmbedKind = "document" | "query";
/** One vector for each text, in order: rows, or one flat array of `texts.length × dimension`. */
export type Embeddings = Float32Array | readonly (Float32Array | readonly number[])[];
/** Turns texts into vectors. */
export interface Embedder {
  /** Model and version; recorded in the collection, another one is refused. */
  readonly id: string;
  /** Components of its vectors. @default those of the first answer */
  readonly dimensions?: number;
  /** Texts per call. @default 64 */
  readonly maxBatch?: number;
  /** Calls at once. @default 1 */
  readonly parallel?: number;
  /** One finite vector for each text, in order; may reject, which is `EMBEDDER_FAILED`. */
  embed(
    texts: readonly string[],
    options: { readonly kind: EmbedKind; readonly signal?: AbortSignal | undefined },
  ): Promise<Embeddings>;
}
/** Overrides what was found on the object. A function without a name needs `id`. */
export type EmbedderOptions = Partial<Omit<Embedder, "embed">>;

/** The plainest embedder. */
export type EmbedFunction = ((
  texts: readonly string[],
  options: { readonly kind: EmbedKind; readonly signal?: AbortSignal | undefined },
) => Promise<Embeddings> | Embeddings) &
  EmbedderOptions;

/** What an adapter finds: an embedder whose name may be missing. */
export type Found = Omit<Embedder, "id"> & { readonly id: string | undefined };
/** Something with properties. */
export type Source = { readonly [key: string]: unknown };
