import { GennakerError } from "../errors.ts";
import type { Durability, WriteOptions } from "../model.ts";
import { checkCall } from "./calls.ts";

/** Validates the options of a write. */
export function checkWrite(options: WriteOptions | undefined): { readonly durability: Durability } {
  checkCall(options);
  const durability = options?.durability ?? "sync";
  if (durability === "sync" || durability === "batch" || durability === "none") return { durability };
  throw new GennakerError(
    "GENNAKER_INVALID_QUERY",
    `durability is ${String(durability)}; use "sync", "batch" or "none".`,
    { details: { durability } },
  );
}
