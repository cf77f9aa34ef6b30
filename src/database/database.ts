import type {
  CollectionInfo,
  CollectionOptions,
  Committed,
  JsonObject,
  MetadataOf,
  MetadataSchema,
  Stats,
  Status,
  Verification,
  VerifyOptions,
} from "../model.ts";
import type { Collection } from "./collection.ts";
import type { VectorDbConfig } from "./config.ts";
import type { DatabaseEvents } from "./events.ts";
import { Generations } from "./generations.ts";
import { checkWritable, type Handle } from "./handle.ts";
import { later } from "./later.ts";
import { checkCollectionName } from "./names.ts";
import { openCollection } from "./open-collection.ts";

/** An open database. `close` it, or declare it with `await using`. */
export class Database implements AsyncDisposable {
  readonly #handle: Handle;
  readonly #release: () => Promise<void>;
  readonly #releaseSync: () => void;
  #closing: Promise<void> | undefined;
  /** Builds aside, promotes, rolls back. */
  readonly generations: Generations;

  /** @internal Use `open`. */
  constructor(handle: Handle, release: () => Promise<void>, releaseSync: () => void) {
    this.#handle = handle;
    this.#release = release;
    this.#releaseSync = releaseSync;
    this.generations = new Generations(handle);
  }

  /**
   * Opens a collection, creating it when absent. What the schema leaves out is as stored, else inferred from the first document
   * that has it. Declared metadata types hits and filters; without them name the type: `db.collection<Meta>("docs")`.
   *
   * @throws `INVALID_NAME`, `INVALID_SCHEMA` on a contradiction to the stored schema, `EMBEDDER_MISMATCH`
   */
  async collection<const S extends MetadataSchema>(
    name: string,
    schema: CollectionOptions & { readonly metadata: S },
  ): Promise<Collection<MetadataOf<S>>>;
  async collection<M = JsonObject>(name: string, schema?: CollectionOptions): Promise<Collection<M>>;
  async collection(name: string, schema?: CollectionOptions): Promise<Collection> {
    return await openCollection(this.#handle, "live", name, schema);
  }

  /** Collections of the live generation, by name. */
  async collections(): Promise<CollectionInfo[]> {
    const { calls, engine } = this.#handle;
    return await calls.run("read", undefined, () => engine.collections("live"));
  }

  /** Removes a collection with its documents from the live generation; kept generations still have it. */
  async dropCollection(name: string): Promise<Committed> {
    const { calls, engine } = this.#handle;
    checkWritable(this.#handle);
    checkCollectionName(name);
    return await calls.run("write", undefined, () => engine.dropCollection(name));
  }

  /** Who answers, from which state, and what stepped aside. No disk access. */
  status(): Status {
    const { calls, engine, settings, degraded, counters } = this.#handle;
    calls.check();
    return {
      engine: engine.name,
      path: settings.path,
      readOnly: settings.readOnly,
      ...engine.status(),
      ...(degraded ? { degraded } : {}),
      ...counters,
    };
  }

  /** Sizes by collection. */
  async stats(): Promise<Stats> {
    const { calls, engine } = this.#handle;
    return await calls.run("read", undefined, () => engine.stats());
  }

  /** Reads every stored byte and checks it. Finding damage is a result, not an error. */
  async verify(options: VerifyOptions = {}): Promise<Verification> {
    const { calls, engine } = this.#handle;
    return await calls.run("read", options, (call) =>
      engine.verify(options.progress ? { ...call, progress: options.progress } : call),
    );
  }

  /** Calls `listener` on every event of a name. Events come after the call that caused them. */
  on<K extends keyof DatabaseEvents>(name: K, listener: (event: DatabaseEvents[K]) => void): this {
    this.#handle.events.on(name, listener);
    return this;
  }

  /** Calls `listener` on the next event of a name only. */
  once<K extends keyof DatabaseEvents>(name: K, listener: (event: DatabaseEvents[K]) => void): this {
    this.#handle.events.once(name, listener);
    return this;
  }

  /** Stops calling `listener`. */
  off<K extends keyof DatabaseEvents>(name: K, listener: (event: DatabaseEvents[K]) => void): this {
    this.#handle.events.off(name, listener);
    return this;
  }

  /** Finishes writes, stops reads with `CLOSED`, syncs. Idempotent. Other handles on the directory stay open. */
  async close(): Promise<void> {
    this.#closing ??= this.#handle.calls.close().then(() => this.#release());
    await this.#closing;
  }

  /** The same for `exit` handlers: blocks until accepted writes are on disk. */
  closeSync(): void {
    this.#handle.calls.closeSync();
    this.#releaseSync();
    this.#closing ??= Promise.resolve();
  }

  /** The same as `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  // Served by later versions; each throws GENNAKER_UNSUPPORTED with what to do until then.
  /** Not served yet: throws `UNSUPPORTED`, which says what to do until then. */
  async reload(_config: VectorDbConfig): Promise<never> {
    return later("reload");
  }
  /** Not served yet: throws `UNSUPPORTED`, which says what to do until then. */
  async search(): Promise<never> {
    return later("search");
  }
  /** Not served yet: throws `UNSUPPORTED`, which says what to do until then. */
  async backup(): Promise<never> {
    return later("backup");
  }
  /** Not served yet: throws `UNSUPPORTED`, which says what to do until then. */
  async restore(): Promise<never> {
    return later("restore");
  }
  /** Not served yet: throws `UNSUPPORTED`, which says what to do until then. */
  async repair(): Promise<never> {
    return later("repair");
  }
}
