/** A JSON value. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
/** A JSON object; the metadata of a collection that declared no type for it. */
export type JsonObject = { [key: string]: JsonValue };

/** How two vectors compare. Scores are "larger is better" under each: distances are negated. */
export type Metric = "cosine" | "dot" | "l2" | "l1" | "hamming" | "jaccard";
/** A sparse vector: `indices` ascending and distinct, one value each. */
export interface SparseVector {
  /** Dimensions that are not zero, ascending and distinct. */
  readonly indices: Uint32Array;
  /** One finite value for each of `indices`. */
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
  /** Degrees north, -90 to 90. */
  readonly lat: number;
  /** Degrees east, -180 to 180. */
  readonly lon: number;
}
/** One declared metadata field: its type, or the type with options. */
export type MetadataFieldOptions = MetadataType | { readonly type: MetadataType; readonly filterable?: boolean };
/** Declared metadata fields by name. */
export type MetadataSchema = { readonly [field: string]: MetadataFieldOptions };
/** One declared text field. `weight` multiplies term frequencies (default: `title` 4, others 1); `language` picks the stemmer. */
export interface TextFieldOptions {
  /** Multiplies term frequencies. @default 4 for `title`, else 1 */
  readonly weight?: number;
  /** Picks the stemmer and the stop words. @default "english" */
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
  /** 1 to 1,024 bytes of UTF-8, unique within its namespace. */
  readonly id: string;
  /** The default vector; refused where an embedder makes it. */
  readonly vector?: VectorValue | undefined;
  /** Named vectors, as the schema declares them. */
  readonly vectors?: { readonly [name: string]: VectorValue } | undefined;
  /** What the text leg finds, and what an embedder reads. */
  readonly text?: DocumentText | undefined;
  /** What filters read; at most 1 MiB and 32 levels. */
  readonly metadata?: MetadataInput<M> | undefined;
}
/** A document as it comes back: equal to what went in. Vectors of the built-in embedder are not part of it. */
export interface Document<M = JsonObject> {
  /** As given. */
  id: string;
  /** The stored f32 components; absent when the document has none or an embedder made it. */
  vector?: Float32Array;
  /** As given: one string, or strings by field. */
  text?: DocumentText;
  /** As given, dates as ISO strings. */
  metadata?: M;
}
/** A JSON merge patch (RFC 7386): `null` removes, objects merge, anything else replaces. */
export interface DocumentPatch<M = JsonObject> {
  /** Replaces the vector; `null` drops it. */
  readonly vector?: VectorValue | null | undefined;
  /** Replaces the text, or the fields named; `null` drops them. */
  readonly text?: string | { readonly [field: string]: string | null } | null | undefined;
  /** Merged level by level; `null` drops a field. */
  readonly metadata?:
    | (string extends keyof M ? { readonly [field: string]: unknown } : Partial<MetadataInput<M>>)
    | null
    | undefined;
}
/** Documents by column for bulk writes; row `i` is `ids[i]`. */
export interface DocumentColumns<M = JsonObject> {
  /** One id per row, each once. */
  readonly ids: readonly string[];
  /** `ids.length × dimension` components, row after row. */
  readonly vectors?: Float32Array;
  /** Text of each row; null or undefined for none. */
  readonly text?: readonly (DocumentText | null | undefined)[];
  /** Metadata of each row; null or undefined for none. */
  readonly metadata?: readonly (MetadataInput<M> | null | undefined)[];
}

/** One resolved text field. */
export interface TextFieldInfo {
  /** `""` is the one unnamed field. */
  readonly name: string;
  /** Multiplies term frequencies. */
  readonly weight: number;
  /** Picks the stemmer and the stop words. */
  readonly language: string;
}
/** One resolved metadata field; `inferredFrom` is the id of the document that taught its type. */
export interface MetadataFieldInfo {
  /** Declared, or learnt from the first document that has the field. */
  readonly type: MetadataType;
  /** False for a field that is only stored. */
  readonly filterable: boolean;
  /** Id of the document that taught the type; absent when declared. */
  readonly inferredFrom?: string;
}
/** Where a collection's vectors come from, if not from the user. */
export type EmbeddingInfo = { readonly kind: "lsa" } | { readonly kind: "external"; readonly id: string };
/** The schema of a collection: declared parts and what documents taught it. */
export interface SchemaInfo {
  /** Components of the default vector; absent until a vector has been seen. */
  readonly dimension?: number;
  /** How vectors compare. */
  readonly metric: Metric;
  /** Text fields in the order they were declared or first seen. */
  readonly text: readonly TextFieldInfo[];
  /** Metadata fields by name. */
  readonly metadata: { readonly [field: string]: MetadataFieldInfo };
  /** Where vectors come from; absent when the user brings them. */
  readonly embedding?: EmbeddingInfo;
  /** Whether calls must be bound to a namespace. */
  readonly namespacesRequired: boolean;
}
/** One collection in a list. */
export interface CollectionInfo {
  /** As given to `db.collection`. */
  readonly name: string;
  /** Documents in all namespaces. */
  readonly count: number;
  /** What is declared and what documents taught. */
  readonly schema: SchemaInfo;
}
