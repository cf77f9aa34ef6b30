import type { Metric } from "../model.ts";

/** What an engine can do beyond the port. Frozen when the engine opens; tests skip by it, fallback decides on it. */
export interface Capabilities {
  readonly metrics: readonly Metric[];
  /** Survives the process: the engine holds a directory. */
  readonly durable: boolean;
  /** Has `searchSync`. */
  readonly sync: boolean;
  /** Snowball languages of text fields beside `none`. */
  readonly languages: readonly string[];
  /** Built-in embedder: fitted latent semantic analysis, or only the hash projection that precedes a fit. */
  readonly lsa: "fitted" | "hash";
  /** Whether answers may be approximate, so that recall is measured. */
  readonly approximate: boolean;
}
