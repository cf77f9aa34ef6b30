import { abortReason, GennakerError } from "../../errors.ts";
import type { Capabilities } from "../../engine/capabilities.ts";
import type {
  CollectionSpec,
  Engine,
  EngineCall,
  EngineDocument,
  EngineOptions,
  EngineQuery,
  EngineResult,
  Place,
  Target,
  WriteOp,
} from "../../engine/port.ts";
import type { Committed, Stats, Verification } from "../../model.ts";
import { MemoryCollection } from "./collection.ts";
import { find, Generations, type Generation } from "./generations.ts";
import { lifecycleOf } from "./lifecycle.ts";
import { createSchema, embedderName, reconcile } from "./schema.ts";
import { lambdaOf, searchCollection } from "./search.ts";
import { LANGUAGES } from "./text/analyze.ts";

const CAPABILITIES = Object.freeze<Capabilities>({
  metrics: ["cosine", "dot", "l2", "l1"],
  durable: false,
  sync: true,
  languages: LANGUAGES,
  lsa: "hash",
  approximate: false,
});
const SCAN_CHUNK = 256;

/**
 * Opens a store that lives in this process's memory: small and plain, every search scores every document. It serves
 * `:memory:` where there is no native binary, and is the oracle that other engines are tested against.
 */
export function openMemory(options: Pick<EngineOptions, "retention" | "onEvent">): Engine {
  const generations = new Generations(options.retention.count);
  let isClosed = false;

  /** Every call begins here. */
  const enter = (call?: EngineCall): void => {
    if (isClosed) throw new GennakerError("GENNAKER_CLOSED", "The database was closed. Open it again.");
    if (call?.signal?.aborted) throw abortReason(call.signal);
  };
  const resolve = (target: Target): Generation =>
    target === "live" ? generations.live : generations.get(target.generation);
  const writable = (target: Target): Generation => {
    const generation = resolve(target);
    if (generation.state === "live" || generation.state === "building") return generation;
    throw new GennakerError(
      "GENNAKER_READ_ONLY",
      `Generation ${generation.number} is ${generation.state} and no longer changes. Write to the live one.`,
      {
        details: { generation: generation.number, state: generation.state },
      },
    );
  };
  const open = (place: Place, call?: EngineCall): { generation: Generation; collection: MemoryCollection } => {
    enter(call);
    const generation = resolve(place.target);
    return { generation, collection: find(generation, place.collection) };
  };
  const search = (place: Place, queries: readonly EngineQuery[], call?: EngineCall): EngineResult[] => {
    const { generation, collection } = open(place, call);
    return queries.map((query, position) => {
      try {
        const hits = searchCollection(collection, place.namespace, query);
        return { hits, generation: generation.number, sequence: generations.sequenceOf(generation) };
      } catch (error) {
        throw queries.length > 1 ? at(error, position) : error;
      }
    });
  };
  const ended = async (): Promise<void> => {
    isClosed = true;
  };

  const engine: Engine = {
    name: "memory",
    capabilities: CAPABILITIES,
    readOnly: false,

    async openCollection(target: Target, name: string, spec: CollectionSpec) {
      enter();
      const generation = resolve(target);
      const known = generation.collections.get(name);
      if (known) {
        const isNew = generation.state === "building" && known.count === 0 && spec.embedding !== undefined;
        const { dimension: _, embedding, ...rest } = known.schema;
        const isOther = isNew && embedderName(embedding) !== embedderName(spec.embedding);
        const schema = reconcile(name, isOther ? rest : known.schema, spec);
        if (generation.state === "live") generations.declare(known, schema, spec);
        else if (generation.state === "building") known.schema = schema;
        return schema;
      }
      const created = new MemoryCollection(name, createSchema(name, spec));
      writable(target).collections.set(name, created);
      if (generation === generations.live) generations.record(name, { kind: "declare", spec });
      return created.schema;
    },
    async collections(target) {
      enter();
      return [...resolve(target).collections]
        .map(([name, { count, schema }]) => ({ name, count, schema }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    async dropCollection(name) {
      enter();
      const deleted = find(generations.live, name).count;
      generations.live.collections.delete(name);
      generations.record(name, { kind: "drop" });
      return { sequence: generations.sequence, upserted: 0, deleted };
    },

    async write(place: Place, op: WriteOp, call): Promise<Committed> {
      const { generation, collection } = open(place, call);
      writable(place.target);
      const change = collection.plan(place.namespace, op);
      collection.apply(change);
      if (generation === generations.live && change.documents.size > 0) {
        generations.record(place.collection, { kind: "change", change });
      }
      const deleted = [...change.documents.values()].filter((one) => one === null).length;
      return { sequence: generations.sequenceOf(generation), upserted: change.documents.size - deleted, deleted };
    },

    async get(place, ids, call) {
      const { collection } = open(place, call);
      return ids.map((id) => {
        const row = collection.row(place.namespace, id);
        return row ? copyOf(row.document) : null;
      });
    },
    async count(place, filter, call) {
      return open(place, call).collection.rows(place.namespace, filter).length;
    },
    async *scan(place, filter, call) {
      const rows = open(place, call).collection.rows(place.namespace, filter);
      for (let i = 0; i < rows.length; i += SCAN_CHUNK) {
        enter(call);
        yield rows.slice(i, i + SCAN_CHUNK).map((row) => copyOf(row.document));
      }
    },
    async search(place, query, call) {
      return search(place, [query], call)[0] as EngineResult;
    },
    async searchMany(place, queries, call) {
      return search(place, queries, call);
    },
    searchSync(place, query) {
      return search(place, [query])[0] as EngineResult;
    },
    async optimize(place, call) {
      open(place, call);
    },

    ...lifecycleOf(generations, () => engine, enter, options.onEvent),

    status() {
      enter();
      const building = generations.building?.number;
      return {
        generation: generations.live.number,
        sequence: generations.sequence,
        ...(building === undefined ? {} : { building }),
        details: {},
      };
    },
    async stats(): Promise<Stats> {
      enter();
      const collections = [...generations.live.collections].map(([name, { count, schema }]) => [
        name,
        { count, segments: 0, bytes: 0, unflushed: count, dead: 0, lambda: lambdaOf(schema), schema },
      ]);
      return {
        generation: generations.live.number,
        sequence: generations.sequence,
        bytes: 0,
        collections: Object.fromEntries(collections),
      };
    },
    async verify(): Promise<Verification> {
      enter();
      return { ok: true, files: 0, bytes: 0, problems: [], tookMs: 0 };
    },
    close: ended,
    closeSync() {
      isClosed = true;
    },
    [Symbol.asyncDispose]: ended,
  };
  return engine;
}

/** The caller may change what it gets. */
function copyOf(document: EngineDocument): EngineDocument {
  return document.vector ? { ...document, vector: document.vector.slice() } : document;
}

function at(error: unknown, position: number): unknown {
  if (!(error instanceof GennakerError)) return error;
  return new GennakerError(error.code, error.message, { details: { ...error.details, position }, cause: error });
}
