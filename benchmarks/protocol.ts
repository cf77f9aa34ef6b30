import type { Pace } from "./cases/case.ts";
import type { Figures } from "./figures.ts";

/** What the runner asks of an engine's process. One answer follows each request. */
export type Request =
  | {
      readonly ask: "prepare";
      readonly engine: string;
      readonly case: string;
      readonly set: string;
      readonly folder: string;
      readonly pace: Pace;
    }
  | { readonly ask: "measure"; readonly point: number }
  | { readonly ask: "close" };

/** A point as the report knows it. */
export interface PointInfo {
  readonly serves: readonly string[];
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly fixed: Figures;
}

/** What `prepare` found. */
export interface PreparedInfo {
  readonly version: string;
  readonly points: readonly PointInfo[];
  readonly notes: readonly string[];
}

/** Why there is no figure. `unavailable`: the package cannot be loaded here; `refused`: not its trade; `wrong`: it lies. */
export type FailureKind = "unavailable" | "refused" | "wrong" | "failed";

/** The answer to a request. */
export type Reply =
  | { readonly ok: true; readonly value: PreparedInfo | Figures | null }
  | { readonly ok: false; readonly kind: FailureKind; readonly message: string };
