import { GennakerError } from "../errors.ts";

/** What later versions serve under these names, and what to do until then. */
const REASONS = {
  createIndex: "indexes are chosen by the engine; exact search serves every collection",
  dropIndex: "there is no index to drop",
  indexStats: "there is no index; db.stats() has the sizes",
  measureRecall: "every answer is exact",
  analyze: "the analysis of a text cannot be shown yet",
  suggest: "suggestions are not made yet",
  explainMissing: "explanations are not made yet; hits have the scores of both legs",
  fit: "ranking cannot be fitted to judgements yet; set fusion.weights",
  stale: "texts whose vectors are out of date are not tracked yet",
  namespaces: "namespaces are not listed yet",
  dropNamespace: "use namespace(name).deleteWhere({})",
  search: "search a collection",
  backup: "close the database and copy its directory",
  restore: "copy a directory back and open it",
  repair: "db.verify() finds damage; roll back to a kept generation",
  reload: "flags other than the ones in force need a new open",
  failover: "there is one durable engine so far",
} as const;

/** Throws `UNSUPPORTED` with the reason. */
export function later(name: keyof typeof REASONS): never {
  throw new GennakerError("GENNAKER_UNSUPPORTED", `${name} is not served by this version: ${REASONS[name]}.`, {
    details: { name },
  });
}
