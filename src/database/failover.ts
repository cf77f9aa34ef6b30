import type { Database } from "./database.ts";
import { later } from "./later.ts";

/** Two engines as one: the standby answers when the primary fails. Served by a later version. */
export function failover(_primary: Database, _standby: Database): never {
  return later("failover");
}

/** Whether LanceDB can be loaded here: this version has no engine for it, so never. */
export function lancedbAvailable(): boolean {
  return false;
}
