import { GennakerError } from "../errors.ts";
import type { EngineCanary, EngineGate } from "../engine/port.ts";
import type {
  BeginOptions,
  Canary,
  CollectionOptions,
  Gate,
  GenerationInfo,
  JsonObject,
  MetadataOf,
  MetadataSchema,
  PromoteOptions,
  Promotion,
  Rollback,
  RollbackOptions,
  Sealed,
  SealOptions,
} from "../model.ts";
import type { Collection } from "./collection.ts";
import { checkWritable, type Handle } from "./handle.ts";
import { checkId, checkKeys, checkCollectionName, checkNamespace, kindOf } from "./names.ts";
import { openCollection } from "./open-collection.ts";
import { parseQuery } from "./query.ts";
import { Vectorizer } from "./vectorize.ts";

/** The generations of a database: every one is a state of all collections together, switched by one pointer. */
export class Generations {
  readonly #handle: Handle;

  /** @internal Use `db.generations`. */
  constructor(handle: Handle) {
    this.#handle = handle;
  }

  /** Starts a build aside; readers keep the live generation. One at a time: `LOCKED` while another is open. */
  async begin(options: BeginOptions = {}): Promise<Generation> {
    checkWritable(this.#handle);
    checkOptions(options, "begin", ["from", "collections", "signal", "timeoutMs"]);
    const { from = "live", collections } = options;
    if (from !== "live" && from !== "empty")
      throw invalid(`begin.from is ${String(from)}; use "live" or "empty".`, { from });
    if (collections !== undefined && !Array.isArray(collections))
      throw new TypeError(`begin.collections must be an array, not ${kindOf(collections)}.`);
    const names = collections?.map((name: unknown) => checkCollectionName(name));
    const { calls, engine } = this.#handle;
    const number = await calls.run("write", options, () =>
      engine.begin({ from, ...(names ? { collections: names } : {}) }),
    );
    return new Generation(this.#handle, number);
  }

  /** Every generation that is kept, in ascending order. */
  async list(): Promise<GenerationInfo[]> {
    const { calls, engine } = this.#handle;
    return await calls.run("read", undefined, () => engine.generations());
  }

  /** Makes a sealed generation live. Refuses with `GATE_REFUSED` and `details.checks`. */
  async promote(generation: number, options: PromoteOptions = {}): Promise<Promotion> {
    checkWritable(this.#handle);
    const number = checkNumber(generation);
    checkOptions(options, "promote", ["gate", "carry", "signal", "timeoutMs"]);
    const { carry = true } = options;
    if (typeof carry !== "boolean") throw new TypeError(`promote.carry must be a boolean, not ${kindOf(carry)}.`);
    const gate = parseGate(options.gate);
    const { calls, engine } = this.#handle;
    return await calls.run("write", options, async (call) => {
      const canaries = await Promise.all(gate.canaries.map((canary) => this.#embedded(number, canary, call)));
      return await engine.promote(number, { ...call, gate: { ...gate, canaries }, carry });
    });
  }

  /** Makes an earlier generation live again, as it was left, with the writes accepted since (`"keep"`) or without (`"drop"`). */
  async rollback(options: RollbackOptions = {}): Promise<Rollback> {
    checkWritable(this.#handle);
    checkOptions(options, "rollback", ["to", "writes", "signal", "timeoutMs"]);
    const { to, writes = "keep" } = options;
    if (writes !== "keep" && writes !== "drop")
      throw invalid(`rollback.writes is ${String(writes)}; use "keep" or "drop".`, { writes });
    const { calls, engine } = this.#handle;
    const target = to === undefined ? {} : { to: checkNumber(to) };
    return await calls.run("write", options, (call) => engine.rollback({ ...call, ...target, writes }));
  }

  /** Keeps a generation whatever the retention says. */
  async pin(generation: number): Promise<void> {
    await this.#change(generation, (number) => this.#handle.engine.pin(number));
  }

  /** Leaves a generation to the retention again. */
  async unpin(generation: number): Promise<void> {
    await this.#change(generation, (number) => this.#handle.engine.unpin(number));
  }

  /** Forgets a kept or sealed generation. The live and pinned ones are refused. */
  async drop(generation: number): Promise<void> {
    await this.#change(generation, (number) => this.#handle.engine.drop(number));
  }

  async #change(generation: number, work: (number: number) => Promise<void>): Promise<void> {
    checkWritable(this.#handle);
    const number = checkNumber(generation);
    await this.#handle.calls.run("write", undefined, () => work(number));
  }

  /** A canary whose text is embedded by the collection's external embedder. */
  async #embedded(
    generation: number,
    canary: EngineCanary,
    { signal }: { signal?: AbortSignal | undefined },
  ): Promise<EngineCanary> {
    const { engine, embedders } = this.#handle;
    const collections = await engine.collections({ generation });
    const embedding = collections.find((one) => one.name === canary.collection)?.schema.embedding;
    const embedder = embedding?.kind === "external" ? embedders.get(embedding.id) : undefined;
    const vectorizer = new Vectorizer(this.#handle, embedding, embedder);
    const kind = canary.query.kind === "text" && vectorizer.embeds ? "hybrid" : canary.query.kind;
    return { ...canary, query: await vectorizer.query({ ...canary.query, kind }, { signal }) };
  }
}

/** One build: filled aside, sealed, promoted. Disposing of it before `seal` abandons it. */
export class Generation implements AsyncDisposable {
  readonly #handle: Handle;
  /** Its number, ascending in a database, none used twice. */
  readonly number: number;

  /** @internal Use `db.generations.begin`. */
  constructor(handle: Handle, number: number) {
    this.#handle = handle;
    this.number = number;
  }

  /** A collection of this build; as `db.collection`. */
  async collection<const S extends MetadataSchema>(
    name: string,
    schema: CollectionOptions & { readonly metadata: S },
  ): Promise<Collection<MetadataOf<S>>>;
  async collection<M = JsonObject>(name: string, schema?: CollectionOptions): Promise<Collection<M>>;
  async collection(name: string, schema?: CollectionOptions): Promise<Collection> {
    return await openCollection(this.#handle, { generation: this.number }, name, schema);
  }

  /** Builds indexes, measures recall, syncs and checks the files. Afterwards the build is durable and cannot change. */
  async seal(options: SealOptions = {}): Promise<Sealed> {
    const { calls, engine } = this.#handle;
    const { progress } = options;
    return await calls.run("write", options, (call) =>
      engine.seal(this.number, progress ? { ...call, progress } : call),
    );
  }

  /** Makes it live when it passes the gate; live writes since `begin` are carried on top. */
  async promote(options?: PromoteOptions): Promise<Promotion> {
    return await new Generations(this.#handle).promote(this.number, options);
  }

  /** Forgets it. */
  async abandon(): Promise<void> {
    const { calls, engine } = this.#handle;
    await calls.run("write", undefined, () => engine.abandon(this.number));
  }

  /** Abandons a build that was not sealed; a sealed one stays. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { calls, engine } = this.#handle;
    if (calls.isClosed) return;
    const state = (await engine.generations()).find((one) => one.generation === this.number)?.state;
    if (state === "building") await this.abandon();
  }
}

function parseGate(gate: Gate | undefined): EngineGate {
  if (gate === undefined) return { canaries: [] };
  checkOptions(gate, "gate", ["recall", "minCount", "canaries", "latency"]);
  for (const [key, most] of [
    ["recall", 1],
    ["minCount", Infinity],
    ["latency", Infinity],
  ] as const) {
    const value = gate[key];
    if (value === undefined) continue;
    if (typeof value !== "number") throw new TypeError(`gate.${key} must be a number, not ${kindOf(value)}.`);
    if (!(value >= 0 && value <= most))
      throw invalid(`gate.${key} is ${value}; it must be a number from 0${most === 1 ? " to 1" : ""}.`, {
        [key]: value,
      });
  }
  const { canaries = [], ...rest } = gate;
  if (!Array.isArray(canaries)) throw new TypeError(`gate.canaries must be an array, not ${kindOf(canaries)}.`);
  return { ...rest, canaries: canaries.map(parseCanary) };
}

function parseCanary(canary: Canary, i: number): EngineCanary {
  const path = `gate.canaries[${i}]`;
  checkOptions(canary, path, ["collection", "namespace", "query", "expect", "atLeast"]);
  const { collection, namespace = "", query, expect, atLeast = expect?.length } = canary;
  if (!Array.isArray(expect) || expect.length === 0) throw new TypeError(`${path}.expect must be a list of ids.`);
  if (!Number.isInteger(atLeast) || atLeast < 1 || atLeast > expect.length)
    throw invalid(`${path}.atLeast is ${atLeast}; it must be from 1 to ${expect.length}.`, { atLeast });
  return {
    collection: checkCollectionName(collection),
    namespace: namespace === "" ? "" : checkNamespace(namespace),
    query: parseQuery(query, false, `${path}.query`).query,
    expect: expect.map((id: unknown, j: number) => checkId(id, `${path}.expect[${j}]`)),
    atLeast,
  };
}

function checkNumber(generation: unknown): number {
  if (typeof generation !== "number") throw new TypeError(`generation must be a number, not ${kindOf(generation)}.`);
  if (Number.isSafeInteger(generation) && generation >= 1) return generation;
  throw invalid(`generation is ${generation}; it must be a whole number from 1.`, { generation });
}

function checkOptions(options: unknown, path: string, known: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new TypeError(`${path} must be an object, not ${kindOf(options)}.`);
  checkKeys(options, known, (key) =>
    invalid(`${path} has the unknown option "${key}"; known are ${known.join(", ")}.`, { option: key }),
  );
}

function invalid(message: string, details: Readonly<Record<string, unknown>>): GennakerError {
  return new GennakerError("GENNAKER_INVALID_QUERY", message, { details });
}
