/** A JSON value. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
/** A JSON object; the metadata of a collection that declared no type for it. */
export type JsonObject = { [key: string]: JsonValue };

/** How two vectors compare. Scores are "larger is better" under each: distances are negated. */
export type Metric = "cosine" | "dot" | "l2" | "l1" | "hamming" | "jaccard";
/** A sparse vector: `indices` ascending and distinct, one value each. */
export interface SparseVector {
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}
/** A dense vector: every component finite, `dimension` of them. Copied before a call returns. */
export type DenseVector = Float32Array | readonly number[];
/** Any vector: dense, sparse, binary (packed bits), or several dense ones. */
export type VectorValue = DenseVector | SparseVector | Uint8Array | readonly Float32Array[];

/** Types of metadata fields. `int` is whole within ±2^53, `date` an ISO 8601 string, `geo` `{ lat, lon }` in degrees. */
export type MetadataType = "string" | "string[]" | "int" | "float" | "bool" | "date" | "geo" | "json";
/** A point on Earth in degrees. */
export interface GeoPoint {
  readonly lat: number;
  readonly lon: number;
}
/** One declared metadata field: its type, or the type with options. */
export type MetadataFieldOptions = MetadataType | { readonly type: MetadataType; readonly filterable?: boolean };
/** Declared metadata fields by name. */
export type MetadataSchema = { readonly [field: string]: MetadataFieldOptions };
/** One declared text field. `weight` multiplies term frequencies (default: `title` 4, others 1); `language` picks the stemmer. */
export interface TextFieldOptions {
  readonly weight?: number;
  readonly language?: string;
}
/** Declared text fields: `"string"` is one unnamed field, a list names fields, an object also sets weights and languages. */
export type TextSchema = "string" | readonly string[] | { readonly [field: string]: TextFieldOptions };

/** What `db.collection` takes: everything may be left out and is then inferred from the first document that has it. */
export interface CollectionOptions {
  /** Components of the default vector, 1 to 4,096. @default that of the first vector */
  readonly dimension?: number;
  /** @default "cosine" */
  readonly metric?: Metric;
  /** Further named vectors. */
  readonly vectors?: { readonly [name: string]: { readonly dimension: number; readonly metric?: Metric } };
  /** Text fields. @default inferred, English */
  readonly text?: TextSchema;
  /** Metadata fields. @default inferred */
  readonly metadata?: MetadataSchema;
  /** `"lsa"`, an `Embedder`, or anything that `toEmbedder` takes. Its identity is recorded; another one is refused. */
  readonly embed?: unknown;
  /** `"required"` refuses calls that are not bound to a namespace. */
  readonly namespaces?: "optional" | "required";
}

type ValueOf<T extends MetadataType> = {
  string: string;
  "string[]": string[];
  int: number;
  float: number;
  bool: boolean;
  date: string;
  geo: GeoPoint;
  json: JsonValue;
}[T];
/** The metadata type of documents under a declared schema. */
export type MetadataOf<S extends MetadataSchema> = {
  -readonly [K in keyof S]?:
    | (S[K] extends MetadataType
        ? ValueOf<S[K]>
        : S[K] extends { type: infer T extends MetadataType }
          ? ValueOf<T>
          : never)
    | null;
};
/** Metadata on its way in: a `Date` becomes its ISO string, `undefined` is left out, as in JSON. */
export type MetadataInput<M> = string extends keyof M
  ? { readonly [field: string]: unknown }
  : {
      readonly [K in keyof M]:
        | M[K]
        | (string extends M[K] ? Date : never)
        | (undefined extends M[K] ? undefined : never);
    };

/** A document's text: one string, or strings by field. At most 16 MiB. */
export type DocumentText = string | { readonly [field: string]: string };
/** A document on its way in. `id`: 1 to 1,024 bytes of UTF-8. */
export interface DocumentInput<M = JsonObject> {
  readonly id: string;
  readonly vector?: VectorValue | undefined;
  readonly vectors?: { readonly [name: string]: VectorValue } | undefined;
  readonly text?: DocumentText | undefined;
  readonly metadata?: MetadataInput<M> | undefined;
}
/** A document as it comes back: equal to what went in. Vectors of the built-in embedder are not part of it. */
export interface Document<M = JsonObject> {
  id: string;
  vector?: Float32Array;
  text?: DocumentText;
  metadata?: M;
}
/** A JSON merge patch (RFC 7386): `null` removes, objects merge, anything else replaces. */
export interface DocumentPatch<M = JsonObject> {
  readonly vector?: VectorValue | null | undefined;
  readonly text?: string | { readonly [field: string]: string | null } | null | undefined;
  readonly metadata?:
    | (string extends keyof M ? { readonly [field: string]: unknown } : Partial<MetadataInput<M>>)
    | null
    | undefined;
}
/** Documents by column for bulk writes; row `i` is `ids[i]`. */
export interface DocumentColumns<M = JsonObject> {
  readonly ids: readonly string[];
  /** `ids.length × dimension` components, row after row. */
  readonly vectors?: Float32Array;
  readonly text?: readonly (DocumentText | null | undefined)[];
  readonly metadata?: readonly (MetadataInput<M> | null | undefined)[];
}

/** One resolved text field. */
export interface TextFieldInfo {
  readonly name: string;
  readonly weight: number;
  readonly language: string;
}
/** One resolved metadata field; `inferredFrom` is the id of the document that taught its type. */
export interface MetadataFieldInfo {
  readonly type: MetadataType;
  readonly filterable: boolean;
  readonly inferredFrom?: string;
}
/** Where a collection's vectors come from, if not from the user. */
export type EmbeddingInfo = { readonly kind: "lsa" } | { readonly kind: "external"; readonly id: string };
/** The schema of a collection: declared parts and what documents taught it. */
export interface SchemaInfo {
  readonly dimension?: number;
  readonly metric: Metric;
  readonly text: readonly TextFieldInfo[];
  readonly metadata: { readonly [field: string]: MetadataFieldInfo };
  readonly embedding?: EmbeddingInfo;
  readonly namespacesRequired: boolean;
}
/** One collection in a list. */
export interface CollectionInfo {
  readonly name: string;
  /** Documents in all namespaces. */
  readonly count: number;
  readonly schema: SchemaInfo;
}
