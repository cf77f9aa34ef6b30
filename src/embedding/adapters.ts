import type { EmbedFunction, Embeddings, Found, Source } from "./port.ts";

type Method = (...args: readonly unknown[]) => unknown;

/** AI SDK `EmbeddingModel`, specification v2 to v4. */
export function fromAiSdk(model: Source): Found {
  const most = model["maxEmbeddingsPerCall"];
  return {
    id: join(text(model["provider"]), text(model["modelId"])),
    ...(typeof most === "number" && most >= 1 ? { maxBatch: Math.min(most, 2048) } : {}),
    ...(model["supportsParallelCalls"] === true ? { parallel: 4 } : {}),
    async embed(texts, { signal }) {
      const result = (await call(model, "doEmbed", {
        values: [...texts],
        ...(signal ? { abortSignal: signal } : {}),
      })) as { embeddings: Embeddings };
      return result.embeddings;
    },
  };
}

/** LangChain.js `Embeddings`. */
export function fromLangChain(embeddings: Source): Found {
  return {
    id: join(className(embeddings), modelName(embeddings)),
    embed: async (texts, { kind }) =>
      kind === "query"
        ? ((await Promise.all(texts.map((one) => call(embeddings, "embedQuery", one)))) as number[][])
        : ((await call(embeddings, "embedDocuments", [...texts])) as number[][]),
  };
}

/** LlamaIndex.TS `BaseEmbedding`. */
export function fromLlamaIndex(embedding: Source): Found {
  return {
    id: join(className(embedding), modelName(embedding)),
    embed: async (texts, { kind }) =>
      kind === "query" && typeof embedding["getQueryEmbedding"] === "function"
        ? ((await Promise.all(
            texts.map((one) => call(embedding, "getQueryEmbedding", { type: "text", text: one })),
          )) as number[][])
        : ((await call(embedding, "getTextEmbeddings", [...texts])) as number[][]),
  };
}

/** Chroma `EmbeddingFunction`. */
export function fromChroma(embed: Source): Found {
  return {
    id: join(text(embed["name"]) ?? className(embed), modelName(embed)),
    embed: async (texts, { kind }) => {
      const method =
        kind === "query" && typeof embed["generateForQueries"] === "function" ? "generateForQueries" : "generate";
      return (await call(embed, method, [...texts])) as number[][];
    },
  };
}

/** LanceDB `EmbeddingFunction`. */
export function fromLanceDb(embed: Source): Found {
  const dimensions = typeof embed["ndims"] === "function" ? call(embed, "ndims") : undefined;
  return {
    id: join(className(embed), modelName(embed)),
    ...(typeof dimensions === "number" ? { dimensions } : {}),
    embed: async (texts, { kind }) =>
      kind === "query"
        ? ((await Promise.all(texts.map((one) => call(embed, "computeQueryEmbeddings", one)))) as number[][])
        : ((await call(embed, "computeSourceEmbeddings", [...texts])) as number[][]),
  };
}

/** A transformers.js feature-extraction pipeline: mean-pooled, normalised. */
export function fromTransformers(pipeline: Source): Found {
  const config = ((pipeline["model"] as Source | undefined)?.["config"] ?? {}) as Source;
  return {
    id: join(
      "transformers.js",
      text(config["_name_or_path"]) ?? text(config["name_or_path"]) ?? text(config["model_type"]),
    ),
    embed: async (texts) => {
      const run = pipeline as unknown as Method;
      const tensor = (await run([...texts], { pooling: "mean", normalize: true })) as {
        dims: number[];
        data: Float32Array;
      };
      if (tensor.dims.length !== 2 || tensor.dims[0] !== texts.length) {
        throw new RangeError(`the pipeline returned a tensor of [${tensor.dims.join(", ")}] for ${texts.length} texts`);
      }
      return Float32Array.from(tensor.data);
    },
  };
}

/** A function from texts to vectors; its properties may say more. */
export function fromFunction(embed: EmbedFunction): Found {
  const { dimensions, maxBatch, parallel } = embed;
  return {
    id: embed.id ?? text(embed.name),
    ...(dimensions === undefined ? {} : { dimensions }),
    ...(maxBatch === undefined ? {} : { maxBatch }),
    ...(parallel === undefined ? {} : { parallel }),
    embed: async (texts, options) => embed(texts, options),
  };
}

function call(target: Source, method: string, ...args: readonly unknown[]): unknown {
  return (target[method] as Method).apply(target, [...args]);
}

function modelName(source: Source): string | undefined {
  return text(source["modelName"]) ?? text(source["model"]) ?? text(source["modelId"]) ?? text(source["model_id"]);
}

function className(source: Source): string | undefined {
  const name = (source["constructor"] as { name?: unknown } | undefined)?.name;
  return name === "Object" ? undefined : text(name);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function join(...parts: readonly (string | undefined)[]): string | undefined {
  const known = parts.filter((part) => part !== undefined);
  return known.length > 0 ? known.join(":") : undefined;
}
