import type { GeoPoint, JsonObject, JsonValue } from "./document.ts";

type Ordered<T> = { readonly $gt?: T; readonly $gte?: T; readonly $lt?: T; readonly $lte?: T };
type Equal<T> = {
  readonly $eq?: T | null;
  readonly $ne?: T | null;
  readonly $in?: readonly (T | null)[];
  readonly $nin?: readonly (T | null)[];
  readonly $exists?: boolean;
};
type Strings = { readonly $contains?: string; readonly $startsWith?: string };
type Near = { readonly $near?: { readonly lat: number; readonly lon: number; readonly radiusMeters: number } };
/** Anything that a condition on a field of unknown type may say. */
export type OpenCondition =
  | JsonValue
  | Date
  | (Equal<JsonValue | Date> & Ordered<string | number | Date> & Strings & Near);
type Condition<V> = JsonValue extends V
  ? OpenCondition
  : [V] extends [readonly (infer E)[]]
    ? V | null | (Equal<V> & { readonly $contains?: E })
    : [V] extends [GeoPoint]
      ? null | (Near & Equal<V>)
      : [V] extends [boolean]
        ? V | null | Equal<V>
        : [V] extends [number]
          ? V | null | (Equal<V> & Ordered<V>)
          : [V] extends [string]
            ? V | Date | null | (Equal<V | Date> & Ordered<V | Date> & Strings)
            : OpenCondition;
/** A filter over fields of unknown type. */
export interface OpenFilter {
  /** All of these. */
  readonly $and?: readonly OpenFilter[];
  /** At least one of these. */
  readonly $or?: readonly OpenFilter[];
  /** Everything that this does not match, documents without its fields included. */
  readonly $not?: OpenFilter;
  readonly [field: string]: OpenCondition | OpenFilter | readonly OpenFilter[] | undefined;
}
type JsonFields<M> = {
  [K in keyof M & string]: JsonValue extends NonNullable<M[K]> | null
    ? K
    : NonNullable<M[K]> extends readonly unknown[]
      ? never
      : NonNullable<M[K]> extends object
        ? K
        : never;
}[keyof M & string];
interface Joined<F> {
  readonly $and?: readonly F[];
  readonly $or?: readonly F[];
  readonly $not?: F;
}
type DeclaredFilter<M> = { readonly [K in keyof M & string]?: Condition<NonNullable<M[K]>> } & {
  readonly [K in `${JsonFields<M>}.${string}`]?: OpenCondition;
} & Joined<Filter<M>>;
/**
 * A predicate over metadata, as data: `{ field: value }` is equality, operators start with `$`, several fields are and-ed.
 * `$ne` and `$nin` match documents without the field; comparison across types is false; `null` equals only `null`.
 * Depth at most 32, at most 1,024 nodes. Under declared metadata a wrong field or operator does not compile.
 */
export type Filter<M = JsonObject> = string extends keyof M ? OpenFilter : DeclaredFilter<M>;
