import type { EngineDocument, JsonFilter, Place } from "../engine/port.ts";
import type { CallOptions, Document } from "../model.ts";
import type { Handle } from "./handle.ts";

/** Documents one by one; the engine sends them in chunks, the next when the last is used up. */
export async function* scanDocuments<M>(
  { engine, calls }: Handle,
  place: Place,
  filter: JsonFilter | undefined,
  options: CallOptions,
): AsyncGenerator<Document<M>, void, undefined> {
  const chunks = engine.scan(place, filter, { signal: options.signal })[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await calls.run("read", options, () => chunks.next());
      if (next.done) return;
      for (const one of next.value) yield toDocument<M>(one);
    }
  } finally {
    await chunks.return?.();
  }
}

/** A document as the user gets it. */
export function toDocument<M>({ id, vector, text, metadata }: EngineDocument): Document<M> {
  return {
    id,
    ...(vector ? { vector } : {}),
    ...(text === undefined ? {} : { text }),
    ...(metadata === undefined ? {} : { metadata: JSON.parse(metadata) as M }),
  };
}
