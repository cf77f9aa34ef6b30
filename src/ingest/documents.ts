import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { AbortError } from "../errors.ts";
import type { CollectionOptions, DocumentInput, Filter, JsonObject } from "../model.ts";
import { split } from "./formats.ts";
import type { Format, Passage } from "./passage.ts";
import type { Source } from "./walk.ts";

/** Metadata of an indexed passage. */
export interface PassageMetadata {
  readonly path: string;
  readonly kind: string;
  readonly heading?: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly record?: JsonObject;
}

/** Schema of a collection of passages: what is declared here is what {@link documents} makes. */
export const PASSAGE_SCHEMA = {
  embed: "lsa",
  text: ["title", "body"],
  metadata: {
    path: "string",
    kind: "string",
    heading: "string",
    startLine: "int",
    endLine: "int",
    record: "json",
  },
} as const satisfies CollectionOptions;

/** A file that could not be read as what its name says. */
export interface Unreadable {
  readonly path: string;
  readonly reason: string;
}
/** Options of {@link documents}. */
export interface DocumentsOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after each file. */
  readonly onFile?: (source: Source, passages: number) => void;
  /** Called instead of failing when a file is not UTF-8 or not what its name says. */
  readonly onUnreadable?: (file: Unreadable) => void;
}

/** Reads files one after the other and yields a document for each passage, in order. */
export async function* documents(
  sources: Iterable<Source>,
  options: DocumentsOptions = {},
): AsyncGenerator<DocumentInput, void, undefined> {
  for (const source of sources) {
    if (options.signal?.aborted) throw new AbortError(options.signal.reason);
    const passages = await passagesOf(source, options.onUnreadable);
    yield* toDocuments(source.path, source.format, passages);
    options.onFile?.(source, passages.length);
  }
}

/** The passages of one file; none when it cannot be read. */
export async function passagesOf(source: Source, onUnreadable?: (file: Unreadable) => void): Promise<Passage[]> {
  try {
    const bytes = await readFile(source.file);
    if (bytes.subarray(0, 8192).includes(0)) throw new Error("it is binary");
    return split(source.format, new TextDecoder("utf-8", { fatal: true }).decode(bytes), source.path);
  } catch (error) {
    if (!onUnreadable) throw error;
    const isEncoding = error instanceof TypeError;
    onUnreadable({ path: source.path, reason: isEncoding ? "it is not UTF-8" : (error as Error).message });
    return [];
  }
}

/** One document for each passage. An id is the path and the last name of the trail, so it stays when lines above change. */
export function* toDocuments(path: string, kind: Format, passages: readonly Passage[]): Generator<DocumentInput> {
  const used = new Map<string, number>();
  for (const { trail, text, startLine, endLine, record } of passages) {
    const anchor = slug(trail.at(-1) ?? "");
    const before = used.get(anchor) ?? 0;
    used.set(anchor, before + 1);
    const heading = trail.join(" › ");
    yield {
      id: idOf(path, anchor, before),
      text: { title: heading === "" ? nameOf(path) : heading, body: text.toWellFormed() },
      metadata: {
        path,
        kind,
        ...(heading === "" ? {} : { heading }),
        startLine,
        endLine,
        ...(record ? { record } : {}),
      },
    };
  }
}

/** Matches every passage of files under `root`, a path as {@link walk} tells it. */
export function under(root: string): Filter {
  if (!/^(?:\.\.(?:\/|$))*$/.test(root)) return { $or: [{ path: root }, { path: { $startsWith: `${root}/` } }] };
  // "", "..", "../..": all relative paths that do not climb higher
  const higher = root === "" ? "../" : `${root}/../`;
  return {
    kind: { $exists: true },
    path: { $exists: true },
    $not: { $or: [{ path: { $startsWith: higher } }, { path: { $startsWith: "/" } }] },
  };
}

function idOf(path: string, anchor: string, before: number): string {
  const tail = before === 0 ? anchor : `${anchor}-${before + 1}`;
  const id = (tail === "" ? path : `${path}#${tail.replace(/^-/, "")}`).toWellFormed();
  if (Buffer.byteLength(id) <= 1024) return id;
  return `sha256:${createHash("sha256").update(id).digest("hex")}`;
}

function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 80)
    .toWellFormed();
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
