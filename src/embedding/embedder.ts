import { GennakerError } from "../errors.ts";
import type { Embedder, EmbedderOptions, EmbedFunction, Found, Source } from "./port.ts";
import {
  fromAiSdk,
  fromChroma,
  fromFunction,
  fromLanceDb,
  fromLangChain,
  fromLlamaIndex,
  fromTransformers,
} from "./adapters.ts";

/**
 * Makes an embedder of what other libraries call one, checked in this order: an `Embedder`, AI SDK (v2 to v4), LangChain,
 * LlamaIndex, Chroma, LanceDB, transformers.js pipelines, plain functions from texts to vectors.
 *
 * @throws TypeError when it is none of them.
 */
export function toEmbedder(source: unknown, options: EmbedderOptions = {}): Embedder {
  const found = recognise(source);
  if (!found) {
    throw new TypeError(
      "This is no embedder: expected an AI SDK, LangChain, LlamaIndex, Chroma, LanceDB or transformers.js one, " +
        "a function from texts to vectors, or { id, embed(texts, { kind, signal }) }.",
    );
  }
  const id = options.id ?? found.id;
  if (typeof id !== "string" || id === "") {
    throw new GennakerError(
      "GENNAKER_INVALID_SCHEMA",
      'The embedder has no name, so a collection could not tell it from another. Use toEmbedder(x, { id: "model-and-version" }).',
    );
  }
  return {
    ...defined("dimensions", options.dimensions ?? found.dimensions),
    ...defined("maxBatch", options.maxBatch ?? found.maxBatch),
    ...defined("parallel", options.parallel ?? found.parallel),
    id,
    embed: (texts, call) => found.embed(texts, call),
  };
}

function recognise(source: unknown): Found | undefined {
  if ((typeof source !== "object" || source === null) && typeof source !== "function") return undefined;
  const it = source as Source;
  const has = (...names: string[]): boolean => names.every((name) => typeof it[name] === "function");
  if (has("embed") && typeof it["id"] === "string") return source as Embedder;
  if (has("doEmbed") && /^v[234]$/.test(String(it["specificationVersion"]))) return fromAiSdk(it);
  if (has("embedDocuments", "embedQuery")) return fromLangChain(it);
  if (has("getTextEmbeddings")) return fromLlamaIndex(it);
  if (has("generate")) return fromChroma(it);
  if (has("computeSourceEmbeddings", "computeQueryEmbeddings")) return fromLanceDb(it);
  if (typeof source === "function")
    return it["task"] === "feature-extraction" ? fromTransformers(it) : fromFunction(source as EmbedFunction);
  return undefined;
}

function defined<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}
