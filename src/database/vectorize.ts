import { GennakerError } from "../errors.ts";
import type { Engine, EngineCall, EngineDocument, EnginePatch, EngineQuery, Place } from "../engine/port.ts";
import { embedTexts } from "../embedding/embed.ts";
import type { Embedder, EmbedKind } from "../embedding/port.ts";
import type { DocumentText, EmbeddingInfo } from "../model.ts";
import type { Handle } from "./handle.ts";

/** Fills in vectors where a collection has an external embedder. The built-in one works inside the engine. */
export class Vectorizer {
  readonly #engine: Engine;
  readonly #embedding: EmbeddingInfo | undefined;
  readonly #embedder: Embedder | undefined;
  readonly #closing: AbortSignal;
  /** Updates that read a text before they embed it go one after the other. */
  #updates: Promise<unknown> = Promise.resolve();

  constructor({ engine, calls }: Handle, embedding: EmbeddingInfo | undefined, embedder: Embedder | undefined) {
    this.#engine = engine;
    this.#closing = calls.closing;
    this.#embedding = embedding;
    this.#embedder = embedder;
  }

  /** Whether a text alone makes a hybrid search. Without its external embedder a collection still answers by words. */
  get embeds(): boolean {
    return this.#embedding?.kind === "lsa" || this.#embedder !== undefined;
  }

  /** Documents with vectors for those that have a text and no vector of their own. */
  async documents(documents: readonly EngineDocument[], { signal }: EngineCall): Promise<readonly EngineDocument[]> {
    if (this.#embedding?.kind !== "external") return documents;
    const positions = documents.flatMap(({ vector, text }, i) =>
      vector === undefined && text !== undefined ? [i] : [],
    );
    if (positions.length === 0) return documents;
    const texts = positions.map((i) => plainText(documents[i]?.text as DocumentText));
    const vectors = await this.#embed(this.#required(this.#embedding.id), texts, "document", signal);
    const filled = [...documents];
    positions.forEach(
      (position, i) =>
        (filled[position] = { ...(documents[position] as EngineDocument), vector: vectors[i] as Float32Array }),
    );
    return filled;
  }

  /** A patch with the vector of its changed text. A patch of single fields reads the others first; updates wait for each other. */
  async patch(place: Place, patch: EnginePatch, call: EngineCall): Promise<EnginePatch> {
    if (this.#embedding?.kind !== "external" || patch.text === undefined || patch.vector !== undefined) return patch;
    if (patch.text === null) return { ...patch, vector: null };
    const embedder = this.#required(this.#embedding.id);
    const work = this.#updates.then(async () => {
      const text = typeof patch.text === "string" ? patch.text : await this.#mergedText(place, patch, call);
      const [vector] = await this.#embed(embedder, [text], "document", call.signal);
      return { ...patch, vector: vector as Float32Array };
    });
    this.#updates = work.catch(() => undefined);
    return await work;
  }

  /** A query with the vector of its text. */
  async query(query: EngineQuery, call: EngineCall): Promise<EngineQuery> {
    return (await this.queries([query], call))[0] as EngineQuery;
  }

  /** The same for several, embedded together. */
  async queries(queries: readonly EngineQuery[], { signal }: EngineCall): Promise<readonly EngineQuery[]> {
    if (!this.#embedder) return queries;
    const positions = queries.flatMap((query, i) => (needsVector(query) ? [i] : []));
    if (positions.length === 0) return queries;
    const vectors = await this.#embed(
      this.#embedder,
      positions.map((i) => queries[i]?.text as string),
      "query",
      signal,
    );
    const filled = [...queries];
    positions.forEach(
      (position, i) =>
        (filled[position] = { ...(queries[position] as EngineQuery), vector: vectors[i] as Float32Array }),
    );
    return filled;
  }

  /** A query that can be answered without waiting. */
  querySync(query: EngineQuery): EngineQuery {
    if (!this.#embedder || !needsVector(query)) return query;
    throw new GennakerError(
      "GENNAKER_UNSUPPORTED",
      `searchSync cannot wait for embedder "${this.#embedder.id}". Give a vector, or use search.`,
    );
  }

  /** Embedding ends with the call or with the handle: a hanging embedder holds up no `close`. */
  async #embed(
    embedder: Embedder,
    texts: readonly string[],
    kind: EmbedKind,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array[]> {
    return await embedTexts(embedder, texts, kind, signal ? AbortSignal.any([signal, this.#closing]) : this.#closing);
  }

  #required(id: string): Embedder {
    if (this.#embedder) return this.#embedder;
    throw new GennakerError(
      "GENNAKER_EMBEDDER_MISMATCH",
      `The collection's vectors are made by embedder "${id}". Open it with { embed } to write texts, or give vectors.`,
      {
        details: { stored: id },
      },
    );
  }

  async #mergedText(place: Place, patch: EnginePatch, call: EngineCall): Promise<string> {
    const [document] = await this.#engine.get(place, [patch.id], call);
    const before = typeof document?.text === "object" ? document.text : {};
    const fields = new Map<string, string | null>(Object.entries(before));
    for (const [name, value] of Object.entries(patch.text as { [field: string]: string | null }))
      fields.set(name, value);
    return [...fields.values()].filter((value) => value !== null).join("\n");
  }
}

function needsVector(query: EngineQuery): boolean {
  return query.kind === "hybrid" && query.vector === undefined && query.text !== undefined && query.text.trim() !== "";
}

function plainText(text: DocumentText): string {
  return typeof text === "string" ? text : Object.values(text).join("\n");
}
