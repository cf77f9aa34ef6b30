import { GennakerError } from "../errors.ts";
import type { EngineCall, EngineDocument, Place, Target, WriteOp } from "../engine/port.ts";
import type {
  CallOptions,
  Committed,
  Document,
  DocumentColumns,
  DocumentInput,
  DocumentPatch,
  Filter,
  Ingested,
  IngestOptions,
  JsonObject,
  SearchQuery,
  SearchResult,
  WriteOptions,
} from "../model.ts";
import { checkCall } from "./calls.ts";
import { copyColumns } from "./columns.ts";
import { copyDocuments, copyPatch } from "./documents.ts";
import { parseFilter } from "./filter.ts";
import { checkWritable, type Handle } from "./handle.ts";
import { ingest, type Sink } from "./ingest.ts";
import { later } from "./later.ts";
import { checkId, checkNamespace, kindOf } from "./names.ts";
import { parseQuery } from "./query.ts";
import { scanDocuments, toDocument } from "./scan.ts";
import { checkEngine, searchPlace, toResult } from "./search.ts";
import type { Vectorizer } from "./vectorize.ts";
import { checkWrite } from "./write-options.ts";

/** What a collection is bound to. */
export interface Binding {
  readonly handle: Handle;
  readonly target: Target;
  readonly name: string;
  readonly namespace: string;
  readonly vectorizer: Vectorizer;
  readonly namespacesRequired: boolean;
}

/**
 * A named set of documents with one schema, in the live generation or in a build. Input is validated and copied before a call
 * returns its promise; a bad document rejects its batch with `details.position`, and nothing is changed.
 */
export class Collection<M = JsonObject> {
  readonly #binding: Binding;

  /** @internal Use `db.collection(name, schema)`. */
  constructor(binding: Binding) {
    this.#binding = binding;
  }

  /** As given to `db.collection`. */
  get name(): string {
    return this.#binding.name;
  }

  /** The same collection bound to one namespace: the key of a document is (namespace, id). Never taken from a filter. */
  namespace(name: string): Collection<M> {
    return new Collection<M>({ ...this.#binding, namespace: checkNamespace(name) });
  }

  /** Inserts or replaces documents by id, all or none. They are searchable and on disk when the promise resolves. */
  async upsert(documents: readonly DocumentInput<M>[], options?: WriteOptions): Promise<Committed> {
    return await this.#upsert(() => copyDocuments(documents), options);
  }

  /** The same from columns: one flat `Float32Array` of vectors, one array each of ids, texts and metadata. */
  async upsertColumns(columns: DocumentColumns<M>, options?: WriteOptions): Promise<Committed> {
    return await this.#upsert(() => copyColumns(columns), options);
  }

  /** Applies a JSON merge patch to one document; `NOT_FOUND` when it is missing. An embedder embeds a changed text anew. */
  async update(id: string, patch: DocumentPatch<M>, options?: WriteOptions): Promise<Committed> {
    const place = this.#writable();
    const copy = copyPatch(id, patch);
    const { vectorizer } = this.#binding;
    return await this.#write(options, async (call) => ({
      kind: "update",
      patch: await vectorizer.patch(place, copy, call),
    }));
  }

  /** Deletes documents by id; missing ids are fine, the result counts those that were there. */
  async delete(ids: string | readonly string[], options?: WriteOptions): Promise<Committed> {
    this.#writable();
    const op: WriteOp = { kind: "delete", ids: [...new Set(copyIds(ids))] };
    return await this.#write(options, async () => op);
  }

  /** Deletes every matching document of the namespace, at once. `{}` matches all. */
  async deleteWhere(filter: Filter<M>, options?: WriteOptions): Promise<Committed> {
    this.#writable();
    const op: WriteOp = { kind: "deleteWhere", filter: parseFilter(filter) };
    return await this.#write(options, async () => op);
  }

  /** Documents by id, in the order asked for; `null` when missing. */
  async get(id: string, options?: CallOptions): Promise<Document<M> | null>;
  async get(ids: readonly string[], options?: CallOptions): Promise<(Document<M> | null)[]>;
  async get(
    ids: string | readonly string[],
    options?: CallOptions,
  ): Promise<Document<M> | null | (Document<M> | null)[]> {
    const place = this.#place();
    const copy = copyIds(ids);
    const { engine, calls } = this.#binding.handle;
    const found = await calls.run("read", options, (call) => engine.get(place, copy, call));
    const documents = found.map((one) => (one ? toDocument<M>(one) : null));
    return typeof ids === "string" ? (documents[0] ?? null) : documents;
  }

  /** How many documents of the namespace match. */
  async count(filter?: Filter<M>, options?: CallOptions): Promise<number> {
    const place = this.#place();
    const parsed = filter === undefined ? undefined : parseFilter(filter);
    return await this.#binding.handle.calls.run("read", options, (call) =>
      this.#binding.handle.engine.count(place, parsed, call),
    );
  }

  /** Matching documents in ascending order of id, from a snapshot taken at the first one: later writes do not disturb it. */
  scan(options: CallOptions & { readonly filter?: Filter<M> } = {}): AsyncGenerator<Document<M>, void, undefined> {
    const { handle } = this.#binding;
    const { filter, ...call } = options;
    checkCall(call);
    handle.calls.check();
    return scanDocuments<M>(handle, this.#place(), filter === undefined ? undefined : parseFilter(filter), call);
  }

  /** Finds the best documents for a vector, a text, or both. */
  async search(query: SearchQuery<M>): Promise<SearchResult<M>> {
    const started = performance.now();
    const { handle, vectorizer } = this.#binding;
    const parsed = parseQuery(query, vectorizer.embeds);
    checkEngine(handle, parsed.engine);
    const place = searchPlace(this.#place(), parsed.generation);
    const result = await handle.calls.run("read", query, async (call) =>
      handle.engine.search(place, await vectorizer.query(parsed.query, call), call),
    );
    return toResult<M>(handle, result, started);
  }

  /** Several searches on one snapshot, sharing work where they can; results in order. */
  async searchMany(queries: readonly SearchQuery<M>[], options?: CallOptions): Promise<SearchResult<M>[]> {
    const started = performance.now();
    if (!Array.isArray(queries)) throw new TypeError(`queries must be an array, not ${kindOf(queries)}.`);
    const { handle, vectorizer } = this.#binding;
    const parsed = queries.map((query, i) => parseQuery(query, vectorizer.embeds, `queries[${i}]`));
    for (const one of parsed) checkEngine(handle, one.engine);
    const generations = new Set(parsed.map((one) => one.generation));
    if (generations.size > 1)
      throw new GennakerError("GENNAKER_INVALID_QUERY", "The queries of one searchMany must name the same generation.");
    const place = searchPlace(this.#place(), parsed[0]?.generation);
    if (parsed.length === 0) return [];
    const results = await handle.calls.run("read", options, async (call) => {
      const ready = await vectorizer.queries(
        parsed.map((one) => one.query),
        call,
      );
      return await handle.engine.searchMany(place, ready, call);
    });
    return results.map((result) => toResult<M>(handle, result, started));
  }

  /** A search that blocks the thread, for scripts. Not with an external embedder and a text alone. */
  searchSync(query: SearchQuery<M>): SearchResult<M> {
    const started = performance.now();
    const { handle, vectorizer } = this.#binding;
    handle.calls.check();
    const parsed = parseQuery(query, vectorizer.embeds);
    checkEngine(handle, parsed.engine);
    const place = searchPlace(this.#place(), parsed.generation);
    if (!handle.engine.searchSync)
      throw new GennakerError("GENNAKER_UNSUPPORTED", `Engine "${handle.engine.name}" has no searchSync; use search.`);
    return toResult<M>(handle, handle.engine.searchSync(place, vectorizer.querySync(parsed.query)), started);
  }

  /**
   * Writes documents from any iterable in batches, in the source's order, never further ahead than `concurrency` batches.
   * Without `onReject` the first bad document ends it; batches before it stay written.
   */
  async ingest(
    source: AsyncIterable<DocumentInput<M>> | Iterable<DocumentInput<M>>,
    options: IngestOptions<M> = {},
  ): Promise<Ingested> {
    this.#writable();
    const { durability } = checkWrite(options);
    const sink: Sink = {
      prepare: (documents, signal) => this.#binding.vectorizer.documents(documents, { signal }),
      write: (documents) => this.#write({ durability }, async () => ({ kind: "upsert", documents })),
    };
    // A read to `close`: it stops the stream, and waits only for the batch that is being written.
    return await this.#binding.handle.calls.run("read", options, ({ signal }) =>
      ingest<M>(source, options, sink, signal),
    );
  }

  /** Waits until background merges and index builds are done. Answers are correct and fresh without it. */
  async optimize(options?: CallOptions): Promise<void> {
    const place = this.#place();
    await this.#binding.handle.calls.run("read", options, (call) => this.#binding.handle.engine.optimize(place, call));
  }

  // Served by later versions; each throws GENNAKER_UNSUPPORTED with what to do until then.
  /** Not served yet: throws `UNSUPPORTED`, which says what to do until then. */
  async createIndex(): Promise<never> {
    return later("createIndex");
  }
  /** Not served yet: throws `UNSUPPORTED`, which says what to do until then. */
  async dropIndex(): Promise<never> {
    return later("dropIndex");
  }
  /** Not served yet: throws `UNSUPPORTED`, which says what to do until then. */
  async indexStats(): Promise<never> {
    return later("indexStats");
  }
  /** Not served yet: throws `UNSUPPORTED`, which says what to do until then. */
  async measureRecall(): Promise<never> {
    return later("measureRecall");
  }
  /** Not served yet: throws `UNSUPPORTED`, which says what to do until then. */
  async analyze(): Promise<never> {
    return later("analyze");
  }
  /** Not served yet: throws `UNSUPPORTED`, which says what to do until then. */
  async suggest(): Promise<never> {
    return later("suggest");
  }
  /** Not served yet: throws `UNSUPPORTED`, which says what to do until then. */
  async explainMissing(): Promise<never> {
    return later("explainMissing");
  }
  /** Not served yet: throws `UNSUPPORTED`, which says what to do until then. */
  async fit(): Promise<never> {
    return later("fit");
  }
  /** Not served yet: throws `UNSUPPORTED`, which says what to do until then. */
  async stale(): Promise<never> {
    return later("stale");
  }
  /** Not served yet: throws `UNSUPPORTED`, which says what to do until then. */
  async namespaces(): Promise<never> {
    return later("namespaces");
  }
  /** Not served yet: throws `UNSUPPORTED`, which says what to do until then. */
  async dropNamespace(): Promise<never> {
    return later("dropNamespace");
  }

  #upsert(copy: () => EngineDocument[], options: WriteOptions | undefined): Promise<Committed> {
    this.#writable();
    const documents = copy();
    const { vectorizer } = this.#binding;
    return this.#write(options, async (call) => ({
      kind: "upsert",
      documents: await vectorizer.documents(documents, call),
    }));
  }

  async #write(options: WriteOptions | undefined, prepare: (call: EngineCall) => Promise<WriteOp>): Promise<Committed> {
    const place = this.#writable();
    const { durability } = checkWrite(options);
    const { engine, calls } = this.#binding.handle;
    return await calls.run("write", options, async (call) =>
      engine.write(place, await prepare(call), { ...call, durability }),
    );
  }

  #writable(): Place {
    checkWritable(this.#binding.handle);
    return this.#place();
  }

  #place(): Place {
    const { target, name, namespace, namespacesRequired } = this.#binding;
    if (namespacesRequired && namespace === "") {
      throw new GennakerError(
        "GENNAKER_INVALID_NAME",
        `Collection "${name}" requires a namespace. Use collection.namespace(name).`,
        { details: { collection: name } },
      );
    }
    return { target, collection: name, namespace };
  }
}

function copyIds(ids: unknown): string[] {
  if (typeof ids === "string") return [checkId(ids, "id")];
  if (!Array.isArray(ids)) throw new TypeError(`ids must be a string or an array of strings, not ${kindOf(ids)}.`);
  return ids.map((id, position) => checkId(id, `ids[${position}]`, { position }));
}
