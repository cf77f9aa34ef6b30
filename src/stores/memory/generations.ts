import { GennakerError } from "../../errors.ts";
import type { GenerationInfo, GenerationState, SchemaInfo } from "../../model.ts";
import type { CollectionSpec } from "../../engine/port.ts";
import { replay, type LogEntry } from "./carry.ts";
import { MemoryCollection } from "./collection.ts";

/** One generation: its collections and where it stands in its life. */
export interface Generation {
  readonly number: number;
  readonly parent: number | undefined;
  readonly createdAt: string;
  state: GenerationState;
  collections: Map<string, MemoryCollection>;
  /** Sequence of the last live write that it holds: that of `begin`, or of the moment it was left. */
  holds: number;
  pinned: boolean;
  sealedAt?: string;
  promotedAt?: string;
  /** The generation that was live when it was promoted. */
  over?: number;
}
/** All generations of a database, the live one, and the log of live changes that others may still have to be given. */
export class Generations {
  readonly #all = new Map<number, Generation>();
  #log: LogEntry[] = [];
  #last = 1;
  readonly #keep: number;
  #live: Generation;
  /** Number of the newest accepted batch or switch. */
  sequence = 0;

  constructor(keep: number) {
    this.#keep = keep;
    this.#live = this.#add(undefined, new Map());
    this.#live.state = "live";
  }

  get live(): Generation {
    return this.#live;
  }

  get building(): Generation | undefined {
    return [...this.#all.values()].find((one) => one.state === "building");
  }

  list(): GenerationInfo[] {
    return [...this.#all.values()].map((one) => ({
      generation: one.number,
      state: one.state,
      ...(one.parent === undefined ? {} : { parent: one.parent }),
      sequence: this.sequenceOf(one),
      count: countOf(one),
      bytes: 0,
      pinned: one.pinned,
      createdAt: one.createdAt,
      ...(one.sealedAt === undefined ? {} : { sealedAt: one.sealedAt }),
      ...(one.promotedAt === undefined ? {} : { promotedAt: one.promotedAt }),
    }));
  }

  sequenceOf(generation: Generation): number {
    return generation === this.#live ? this.sequence : generation.holds;
  }

  /** The generation of a number; `GENERATION_GONE` when it is no longer kept, `NOT_FOUND` when it never was. */
  get(number: number): Generation {
    const found = this.#all.get(number);
    if (found) return found;
    const isGone = Number.isInteger(number) && number >= 1 && number <= this.#last;
    throw new GennakerError(
      isGone ? "GENNAKER_GENERATION_GONE" : "GENNAKER_NOT_FOUND",
      isGone
        ? `Generation ${number} is no longer kept. Pin a generation to keep it, or raise the retention.`
        : `There is no generation ${number}. db.generations.list() names them.`,
      { details: { generation: number } },
    );
  }

  /** Starts a build of the named collections (default all); at promotion the others come from the live generation. */
  begin(from: "live" | "empty", collections: readonly string[] | undefined): Generation {
    const open = this.building;
    if (open) {
      throw new GennakerError(
        "GENNAKER_LOCKED",
        `Generation ${open.number} is still being built. Seal or abandon it first.`,
        {
          details: { generation: open.number },
        },
      );
    }
    for (const name of collections ?? []) {
      if (!this.#live.collections.has(name)) {
        throw new GennakerError("GENNAKER_NOT_FOUND", `There is no collection "${name}" to build anew.`, {
          details: { collection: name },
        });
      }
    }
    const named = new Set(collections ?? this.#live.collections.keys());
    const copies = [...this.#live.collections]
      .filter(([name]) => named.has(name))
      .map(([name, one]): [string, MemoryCollection] => [
        name,
        from === "live" ? one.copy() : new MemoryCollection(name, one.schema),
      ]);
    return this.#add(this.#live.number, new Map(copies));
  }

  /** Records a live change under the next sequence number. */
  record(collection: string, event: LogEntry["event"]): void {
    this.sequence += 1;
    this.#log.push({ sequence: this.sequence, collection, event });
    this.#prune();
  }

  /** Records what a call declared of a live collection, if it changed anything. */
  declare(collection: MemoryCollection, schema: SchemaInfo, spec: CollectionSpec): void {
    if (JSON.stringify(schema) === JSON.stringify(collection.schema)) return;
    collection.schema = schema;
    this.record(collection.name, { kind: "declare", spec });
  }

  /** Live changes that a generation lacks. */
  missing(generation: Generation): readonly LogEntry[] {
    return this.#log.filter((entry) => entry.sequence > generation.holds);
  }

  /** Makes `next` live with the entries of `carry` on top; changes nothing when one of them does not fit. Returns how many documents that were. */
  switchTo(next: Generation, carry: readonly LogEntry[]): number {
    const collections = new Map([...next.collections].map(([name, one]) => [name, one.copy()]));
    let entries = carry;
    if (next.state === "sealed") {
      next.over = this.#live.number;
      entries = carry.filter((entry) => next.collections.has(entry.collection));
      for (const [name, one] of this.#live.collections) {
        if (!collections.has(name)) collections.set(name, one.copy());
      }
    }
    const carried = replay(next.number, this.#live.collections, collections, entries);
    const previous = this.#live;
    previous.holds = this.sequence;
    previous.state = "kept";
    this.sequence += 1;
    next.collections = collections;
    next.state = "live";
    next.promotedAt = new Date().toISOString();
    this.#live = next;
    this.retain();
    return carried;
  }

  /** Forgets live changes after `sequence`: they were left behind on purpose. */
  forgetAfter(sequence: number): void {
    this.#log = this.#log.filter((entry) => entry.sequence <= sequence);
  }

  /** The generation that the live one was promoted over. */
  previous(): Generation | undefined {
    return this.#live.over === undefined ? undefined : this.get(this.#live.over);
  }

  remove(generation: Generation): void {
    this.#all.delete(generation.number);
    this.#prune();
  }

  /** Forgets what retention does not keep: kept generations beyond `keep - 1`, sealed ones but the newest; never pinned ones. */
  retain(): void {
    const free = [...this.#all.values()].filter((one) => !one.pinned);
    const kept = free.filter((one) => one.state === "kept").toSorted((a, b) => b.holds - a.holds);
    const sealed = free.filter((one) => one.state === "sealed").toSorted((a, b) => b.number - a.number);
    for (const one of [...kept.slice(Math.max(0, this.#keep - 1)), ...sealed.slice(1)]) this.#all.delete(one.number);
    this.#prune();
  }

  #add(parent: number | undefined, collections: Map<string, MemoryCollection>): Generation {
    const number = parent === undefined ? 1 : this.#last + 1;
    this.#last = number;
    const createdAt = new Date().toISOString();
    const generation: Generation = {
      number,
      parent,
      createdAt,
      state: "building",
      collections,
      holds: this.sequence,
      pinned: false,
    };
    this.#all.set(number, generation);
    return generation;
  }

  #prune(): void {
    const others = [...this.#all.values()].filter((one) => one !== this.#live);
    const floor = Math.min(this.sequence, ...others.map((one) => one.holds));
    if ((this.#log[0]?.sequence ?? Infinity) <= floor) this.#log = this.#log.filter((entry) => entry.sequence > floor);
  }
}

/** Documents in all collections. */
export function countOf(generation: Generation): number {
  return [...generation.collections.values()].reduce((sum, one) => sum + one.count, 0);
}

/** A collection of a generation; `NOT_FOUND` when absent. */
export function find(generation: Generation, name: string): MemoryCollection {
  const found = generation.collections.get(name);
  if (found) return found;
  throw new GennakerError(
    "GENNAKER_NOT_FOUND",
    `There is no collection "${name}" in generation ${generation.number}.`,
    {
      details: { collection: name, generation: generation.number },
    },
  );
}
