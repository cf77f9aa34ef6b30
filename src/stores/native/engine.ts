import { AbortError, GennakerError } from "../../errors.ts";
import type { Capabilities } from "../../engine/capabilities.ts";
import type { Engine, EngineCall, EngineEvent, EngineOptions, Place, Target, WriteOp } from "../../engine/port.ts";
import type { CollectionInfo, CollectionStats, Committed, SchemaInfo, Stats, Verification } from "../../model.ts";
import type { Database, Place as NativePlace, Written } from "./binding.d.ts";
import { abortable, plain } from "./call.ts";
import { toDocuments, update, upsert } from "./documents.ts";
import { sync } from "./errors.ts";
import { generationsOf } from "./generations.ts";
import { toResult } from "./hits.ts";
import { describeBinding, loadBinding, type Binding } from "./load.ts";
import { watched } from "./progress.ts";
import { search, searchMany, searchSync } from "./query.ts";

const SCAN_CHUNK = 256;
/** Places kept at hand; a search in one that is known needs no look-up of its names. */
const PLACES = 1024;

/** Figures of a collection as the addon tells them. */
interface NativeStats {
  readonly generation: number;
  readonly sequence: number;
  readonly collections: readonly (Omit<CollectionStats, "unflushed" | "embedder"> & {
    readonly name: string;
    readonly memtableRows: number;
    readonly embedder: string | null;
  })[];
}

/** Opens the native store: the directory `path` (made when absent), or memory when there is none. */
export async function openNative(path: string | undefined, options: EngineOptions): Promise<Engine> {
  refuseRetention(options);
  const binding = loadBinding();
  const { readOnly, retention, threads, onEvent } = options;
  const listener = (event: string): void => onEvent(JSON.parse(event) as EngineEvent);
  const database = await plain(() => binding.open(path, { readOnly, retention: retention.count, threads }, listener));
  return engineOf(binding, database, path !== undefined, options);
}

function engineOf(
  binding: Binding,
  database: Database,
  isDurable: boolean,
  { readOnly, onEvent }: EngineOptions,
): Engine {
  const places = new Map<string, NativePlace>();
  const placeOf = ({ target, collection, namespace }: Place): NativePlace => {
    const number = target === "live" ? undefined : target.generation;
    const key = `${number ?? ""}/${collection}/${namespace}`;
    let place = places.get(key);
    if (!place) {
      if (places.size >= PLACES) places.clear();
      place = sync(() => database.place(number, collection, namespace));
      places.set(key, place);
    }
    return place;
  };
  const close = (): Promise<void> => plain(() => database.close());

  const engine: Engine = {
    name: "native",
    capabilities: capabilitiesOf(binding, isDurable),
    readOnly,

    async openCollection(target, name, spec, call) {
      refuseAborted(call);
      const schema = await plain(() => database.define(numberOf(target), name, JSON.stringify(spec)));
      return JSON.parse(schema) as SchemaInfo;
    },
    async collections(target): Promise<CollectionInfo[]> {
      const { collections } = await statsOf(database, target);
      return collections.map(({ name, count, schema }) => ({ name, count, schema }));
    },
    async dropCollection(name) {
      return await plain(() => database.dropCollection(name));
    },

    async write(place, op, options): Promise<Committed> {
      refuseAborted(options);
      // "batch" promises less than "sync" and is served by it
      const isSynced = options.durability !== "none";
      return await plain(() => send(placeOf(place), op, isSynced));
    },

    async get(place, ids, call) {
      return toDocuments(await abortable(binding, call?.signal, (cancel) => placeOf(place).get([...ids], cancel)));
    },
    async count(place, filter, call) {
      const json = filter && JSON.stringify(filter);
      return await abortable(binding, call?.signal, (cancel) => placeOf(place).count(json, cancel));
    },
    async *scan(place, filter, call) {
      const json = filter && JSON.stringify(filter);
      const listing = await abortable(binding, call?.signal, (cancel) => placeOf(place).scan(json, cancel));
      for (;;) {
        const chunk = await abortable(binding, call?.signal, (cancel) => listing.next(SCAN_CHUNK, cancel));
        const documents = toDocuments(chunk).filter((document) => document !== null);
        if (documents.length === 0) return;
        yield documents;
      }
    },
    async search(place, query, call) {
      return toResult(await abortable(binding, call?.signal, (cancel) => search(placeOf(place), query, cancel)));
    },
    async searchMany(place, queries, call) {
      const answers = await abortable(binding, call?.signal, (cancel) => searchMany(placeOf(place), queries, cancel));
      return answers.map(toResult);
    },
    searchSync: (place, query) => toResult(sync(() => searchSync(placeOf(place), query))),
    async optimize(place, call) {
      await abortable(binding, call?.signal, (cancel) => placeOf(place).optimize(cancel));
    },

    ...generationsOf(binding, database, () => engine, onEvent),

    status() {
      const { generation, sequence, building } = sync(() => database.state());
      const { loaded } = describeBinding();
      const details = { simd: loaded?.simd ?? "", binary: loaded?.file ?? "" };
      return { generation, sequence, ...(building === undefined ? {} : { building }), details };
    },
    async stats(): Promise<Stats> {
      const { generation, sequence, collections } = await statsOf(database, "live");
      const bytes = collections.reduce((sum, one) => sum + one.bytes, 0);
      return { generation, sequence, bytes, collections: Object.fromEntries(collections.map(figuresOf)) };
    },
    async verify(call): Promise<Verification> {
      const started = performance.now();
      const found = await watched("verify", 100, call ?? {}, (signal, report) =>
        abortable(binding, signal, (cancel) => database.verify(cancel, report)),
      );
      const { files, bytes } = found;
      const problems = pairs(found.problems);
      return { ok: problems.length === 0, files, bytes, problems, tookMs: performance.now() - started };
    },
    close,
    closeSync: () => sync(() => database.closeSync()),
    [Symbol.asyncDispose]: close,
  };
  return engine;
}

function capabilitiesOf(binding: Binding, durable: boolean): Capabilities {
  const { languages } = binding.about();
  return Object.freeze<Capabilities>({
    metrics: ["cosine", "dot", "l2", "l1"],
    durable,
    sync: true,
    languages: languages.filter((language) => language !== "none"),
    lsa: "fitted",
    approximate: false,
  });
}

function send(place: NativePlace, op: WriteOp, isSynced: boolean): Promise<Written> {
  switch (op.kind) {
    case "upsert":
      return upsert(place, op.documents, isSynced);
    case "update":
      return update(place, op.patch, isSynced);
    case "delete":
      return place.delete([...op.ids], isSynced);
    case "deleteWhere":
      return place.deleteWhere(JSON.stringify(op.filter), isSynced);
    default:
      return unknownOp(op);
  }
}

function unknownOp(op: never): never {
  throw new TypeError(`Unknown write: ${JSON.stringify(op)}.`);
}

async function statsOf(database: Database, target: Target): Promise<NativeStats> {
  return JSON.parse(await plain(() => database.stats(numberOf(target)))) as NativeStats;
}

function figuresOf(one: NativeStats["collections"][number]): [string, CollectionStats] {
  const { name, count, segments, bytes, memtableRows: unflushed, dead, lambda, embedder, schema } = one;
  const figures = { count, segments, bytes, unflushed, dead, lambda, schema };
  return [name, embedder === null ? figures : { ...figures, embedder }];
}

function pairs(flat: readonly string[]): { file: string; problem: string }[] {
  return Array.from({ length: flat.length / 2 }, (_, i) => ({
    file: flat[2 * i] ?? "",
    problem: flat[2 * i + 1] ?? "",
  }));
}

function numberOf(target: Target): number | undefined {
  return target === "live" ? undefined : target.generation;
}

/** What would be ignored is refused. */
function refuseRetention({ retention }: EngineOptions): void {
  const key = (["bytes", "days"] as const).find((one) => retention[one] !== undefined);
  if (key === undefined) return;
  throw new GennakerError(
    "GENNAKER_UNSUPPORTED",
    `retention.${key} is not counted by this version of the native engine; set retention.count, or drop generations yourself.`,
    { details: { key } },
  );
}

function refuseAborted(call: EngineCall | undefined): void {
  if (call?.signal?.aborted) throw new AbortError(call.signal.reason);
}
