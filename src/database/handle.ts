import { GennakerError } from "../errors.ts";
import type { Engine } from "../engine/port.ts";
import type { Embedder } from "../embedding/port.ts";
import type { Degraded } from "../model.ts";
import type { Calls } from "./calls.ts";
import type { Settings } from "./config.ts";
import type { Events } from "./events.ts";

/** What the objects of one `open` share. */
export interface Handle {
  readonly engine: Engine;
  readonly settings: Settings;
  readonly calls: Calls;
  readonly events: Events;
  /** Set while a preferred engine does not answer. */
  readonly degraded: Degraded | undefined;
  /** External embedders that were given to this handle, by identity. */
  readonly embedders: Map<string, Embedder>;
  /** Counts answers; `status` reports them. */
  readonly counters: { searches: number; fallbacks: number };
}

/** Refuses a write on a handle that was opened read-only. */
export function checkWritable({ settings, engine }: Handle): void {
  if (!settings.readOnly && !engine.readOnly) return;
  throw new GennakerError(
    "GENNAKER_READ_ONLY",
    "The database was opened with readOnly: true. Open it again without to write.",
  );
}
