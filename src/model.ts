/** The words of this library as types: what goes in, what comes back. Nothing here runs. */
export type * from "./model/document.ts";
export type * from "./model/filter.ts";
export type * from "./model/generation.ts";
export type * from "./model/search.ts";
export type * from "./model/status.ts";
export type * from "./model/write.ts";
