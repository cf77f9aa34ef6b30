import { GennakerError } from "../../errors.ts";
import type { CollectionSpec } from "../../engine/port.ts";
import { MemoryCollection, type Change } from "./collection.ts";
import { createSchema, embedderName, reconcile } from "./schema.ts";

/** One live change, kept for as long as a generation lacks it. */
export interface LogEntry {
  readonly sequence: number;
  readonly collection: string;
  readonly event: { kind: "declare"; spec: CollectionSpec } | { kind: "drop" } | { kind: "change"; change: Change };
}

/** Distinct documents that entries wrote or deleted. */
export function documentsIn(entries: readonly LogEntry[]): number {
  const keys = entries.flatMap(({ collection, event }) =>
    event.kind === "change"
      ? [...event.change.documents.keys()].map((id) => JSON.stringify([collection, event.change.namespace, id]))
      : [],
  );
  return new Set(keys).size;
}

/** Applies live changes to the collections of a generation that goes live; returns how many documents that were. */
export function replay(
  generation: number,
  live: ReadonlyMap<string, MemoryCollection>,
  collections: Map<string, MemoryCollection>,
  entries: readonly LogEntry[],
): number {
  for (const { collection, event } of entries) {
    const known = collections.get(collection);
    switch (event.kind) {
      case "drop":
        collections.delete(collection);
        break;
      case "declare": {
        const { text, metadata, namespacesRequired } = event.spec;
        if (!known) collections.set(collection, new MemoryCollection(collection, createSchema(collection, event.spec)));
        else
          known.schema = reconcile(collection, known.schema, {
            ...(text ? { text } : {}),
            ...(metadata ? { metadata } : {}),
            ...(namespacesRequired ? { namespacesRequired } : {}),
          });
        break;
      }
      case "change":
        if (known) carryChange(generation, live.get(collection), known, event.change);
        break;
    }
  }
  return documentsIn(entries);
}

/** Vectors of another embedder do not compare with the generation's own. */
function carryChange(
  generation: number,
  from: MemoryCollection | undefined,
  to: MemoryCollection,
  change: Change,
): void {
  const [was, is] = [embedderName(from?.schema.embedding), embedderName(to.schema.embedding)];
  const ids = [...change.documents].filter(([, document]) => document !== null).map(([id]) => id);
  if (from && was !== is && ids.length > 0) {
    throw new GennakerError(
      "GENNAKER_GATE_REFUSED",
      `Generation ${generation} was not promoted: live documents embedded by ${was} cannot be carried to collection "${to.name}" of ${is}: ${ids.slice(0, 10).join(", ")}.`,
      {
        details: {
          generation,
          collection: to.name,
          ids: ids.slice(0, 100),
          checks: [{ name: "carry", passed: false, required: is, measured: was }],
        },
      },
    );
  }
  to.apply(change);
}
