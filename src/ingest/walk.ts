import { lstat, readdir, realpath } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { AbortError, GennakerError } from "../errors.ts";
import { formatOf } from "./formats.ts";
import type { Format } from "./passage.ts";
import { isSecretFile, isSecretFolder } from "./secrets.ts";

/** A file to read. */
export interface Source {
  readonly file: string;
  /** As documents name it: relative to the base folder, with `/`. */
  readonly path: string;
  readonly format: Format;
  readonly bytes: number;
}
/** Why a file or folder was left out. */
export type SkipReason = "secret" | "hidden" | "link" | "generated" | "store" | "format" | "size" | "special";
/** What a walk found. */
export interface Walk {
  /** In the order of their paths. */
  readonly sources: readonly Source[];
  /** Files and folders left out, by reason. */
  readonly skipped: { readonly [R in SkipReason]?: number };
  /** What `paths` were, named as the sources are. */
  readonly roots: readonly string[];
}
/** Options of {@link walk}. */
export interface WalkOptions {
  /** Paths are told relative to this folder. @default the working directory */
  readonly base?: string;
  /** Folders that are never entered, such as the store itself. */
  readonly exclude?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Bytes of the largest file that is read. */
export const MAX_FILE_BYTES = 64 << 20;
const GENERATED_FOLDER = /^(?:node_modules|bower_components|target|coverage|__pycache__|venv)$/;
const GENERATED_FILE = /\.(?:min\.(?:js|css|html)|bundle\.js|map|snap|lock)$|^(?:package-lock|npm-shrinkwrap)\.json$/i;

/**
 * Finds the files to index under `paths`, in an order that depends on nothing but their names. Links below a path are not followed,
 * so nothing outside is ever read; hidden, generated and secret files are left out and counted.
 *
 * @throws `NOT_FOUND` for a path that does not exist, `INVALID_QUERY` for a named file that is a secret or of no known format
 */
export async function walk(paths: readonly string[], options: WalkOptions = {}): Promise<Walk> {
  const base = resolve(options.base ?? ".");
  const excluded = new Set(await Promise.all((options.exclude ?? []).map(real)));
  const found = new Map<string, Source>();
  const skipped: { [R in SkipReason]?: number } = {};
  const skip = (reason: SkipReason): void => {
    skipped[reason] = (skipped[reason] ?? 0) + 1;
  };
  const nameOf = (file: string): string => relative(base, file).split(sep).join("/");

  const visit = async (folder: string): Promise<void> => {
    if (options.signal?.aborted) throw new AbortError(options.signal.reason);
    if (excluded.has(folder)) {
      skip("store");
      return;
    }
    const entries = await readdir(folder, { withFileTypes: true });
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const file = join(folder, entry.name);
      if (entry.isSymbolicLink()) skip("link");
      else if (entry.isDirectory()) {
        const reason = reasonOfFolder(entry.name);
        if (reason) skip(reason);
        else await visit(file);
      } else if (entry.isFile()) await add(file);
      else skip("special");
    }
  };
  const add = async (file: string): Promise<void> => {
    const name = basename(file);
    const format = formatOf(name);
    const reason = reasonOfFile(name) ?? (format ? undefined : "format");
    if (reason || !format) {
      skip(reason ?? "format");
      return;
    }
    const { size } = await lstat(file);
    if (size > MAX_FILE_BYTES) skip("size");
    else if (size > 0) found.set(file, { file, path: nameOf(file), format, bytes: size });
  };

  const roots: string[] = [];
  for (const path of paths) {
    const file = await real(path);
    const stats = await lstat(file).catch((cause: unknown) => {
      throw missing(path, cause);
    });
    roots.push(nameOf(file));
    if (stats.isDirectory()) await visit(file);
    else {
      refuseNamed(path, basename(file));
      await add(file);
    }
  }
  return { sources: [...found.values()], skipped, roots };
}

async function real(path: string): Promise<string> {
  return await realpath(path).catch(() => resolve(path));
}

function reasonOfFolder(name: string): SkipReason | undefined {
  if (isSecretFolder(name)) return "secret";
  if (name.startsWith(".")) return "hidden";
  return GENERATED_FOLDER.test(name) ? "generated" : undefined;
}

function reasonOfFile(name: string): SkipReason | undefined {
  if (isSecretFile(name)) return "secret";
  if (name.startsWith(".")) return "hidden";
  return GENERATED_FILE.test(name) ? "generated" : undefined;
}

/** A file that was named is wanted: leaving it out in silence would be a surprise. */
function refuseNamed(path: string, name: string): void {
  const why = isSecretFile(name)
    ? "it may hold keys or passwords; such files are never indexed"
    : formatOf(name)
      ? undefined
      : "its format is not known; known are Markdown, text, HTML, JSONL, CSV, source code and .d.ts files";
  if (why === undefined) return;
  throw new GennakerError("GENNAKER_INVALID_QUERY", `${path} cannot be indexed: ${why}.`, { details: { path } });
}

function missing(path: string, cause: unknown): GennakerError {
  return new GennakerError("GENNAKER_NOT_FOUND", `${path} cannot be read: ${(cause as Error).message}`, {
    details: { path },
    cause,
  });
}
