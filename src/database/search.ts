import { GennakerError } from "../errors.ts";
import type { EngineHit, EngineResult, Place } from "../engine/port.ts";
import type { Hit, SearchResult } from "../model.ts";
import type { Handle } from "./handle.ts";

/** The place of a search, in another generation when the query names one. */
export function searchPlace(place: Place, generation: number | undefined): Place {
  return generation === undefined ? place : { ...place, target: { generation } };
}

/** Refuses a query that demands an engine which does not serve here. */
export function checkEngine({ engine, degraded }: Handle, wanted: string | undefined): void {
  if (wanted === undefined || wanted === engine.name) return;
  throw new GennakerError(
    "GENNAKER_ENGINE_UNAVAILABLE",
    `The query demands engine "${wanted}", but "${engine.name}" serves this database${degraded?.from === wanted ? `: ${degraded.reason}` : ""}.`,
    { details: { wanted, serving: engine.name }, retryable: false },
  );
}

/** The answer that the user gets. `started`: `performance.now()` when the call came. */
export function toResult<M>(
  { engine, degraded, counters }: Handle,
  result: EngineResult,
  started: number,
): SearchResult<M> {
  counters.searches += 1;
  if (degraded) counters.fallbacks += 1;
  const aside = degraded ?? result.degraded;
  return {
    hits: result.hits.map((hit) => toHit<M>(hit)),
    engine: engine.name,
    generation: result.generation,
    sequence: result.sequence,
    tookMs: performance.now() - started,
    ...(result.recallLowerBound === undefined ? {} : { recallLowerBound: result.recallLowerBound }),
    ...(aside ? { degraded: aside } : {}),
  };
}

function toHit<M>({ id, score, scores, text, metadata, vector }: EngineHit): Hit<M> {
  return {
    id,
    score,
    scores: { ...scores },
    ...(text === undefined ? {} : { text }),
    ...(metadata === undefined ? {} : { metadata: JSON.parse(metadata) as M }),
    ...(vector ? { vector } : {}),
  };
}
