import { createHash } from "node:crypto";
import { readFile, readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { passagesOf } from "../../src/ingest/documents.ts";
import type { DocumentInput, MetadataOf } from "../../src/model.ts";
import { formatOf } from "../../src/ingest/formats.ts";

/** Metadata of the demo's documents. */
export const METADATA = {
  package: "string",
  version: "string",
  kind: "string",
  path: "string",
  heading: "string",
  startLine: "int",
  endLine: "int",
} as const;
/** A passage of some package's documentation. `kind`: `readme` (Markdown) or `api` (a doc comment). */
export type Passage = DocumentInput<MetadataOf<typeof METADATA>> & {
  readonly id: string;
  readonly metadata: { readonly package: string; readonly kind: "readme" | "api"; readonly path: string };
};

/** What was read, for the person who watches. */
export interface Corpus {
  readonly passages: readonly Passage[];
  readonly packages: number;
  readonly files: number;
}

// one large package must not be all there is to find: of a larger one every n-th passage is taken
const MAX_PER_PACKAGE = 1_500;
const MAX_FILE_BYTES = 2 << 20;

interface Package {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

/**
 * Reads the documentation that is installed anyway: Markdown and the doc comments of `.d.ts` files of every package, in an order
 * that depends on names alone. What is there twice (a package bundled by another, `.d.ts` beside `.d.cts`) is taken once.
 */
export async function readCorpus(
  modules: string,
  onPackage: (name: string, passages: number) => void,
): Promise<Corpus> {
  const seen = new Set<string>();
  const passages: Passage[] = [];
  const counts = { packages: 0, files: 0 };
  for (const one of await findPackages(modules)) {
    const found: Passage[] = [];
    for (const file of await documentation(one.folder)) {
      const here = await read(one, file, modules, seen);
      found.push(...here);
      if (here.length > 0) counts.files += 1;
    }
    const step = Math.max(1, found.length / MAX_PER_PACKAGE);
    const kept = found.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
    passages.push(...kept);
    if (kept.length > 0) counts.packages += 1;
    onPackage(one.name, passages.length);
  }
  return { passages, ...counts };
}

async function read(
  { name, version, folder }: Package,
  file: string,
  modules: string,
  seen: Set<string>,
): Promise<Passage[]> {
  const format = formatOf(file);
  if (format !== "markdown" && format !== "declarations") return [];
  const path = relative(modules, file).split(sep).join("/");
  const inside = relative(folder, file).split(sep).join("/");
  const found = await passagesOf({ file, path, format, bytes: 0 }, () => undefined);
  return found.flatMap(({ trail, text, startLine, endLine }): Passage[] => {
    const hash = createHash("sha256").update(text).digest("base64");
    if (seen.has(hash)) return [];
    seen.add(hash);
    const heading = trail.join(" › ");
    return [
      {
        id: `${name}/${inside}:${startLine}`,
        text: { title: `${name} › ${heading || inside}`, body: text },
        metadata: {
          package: name,
          version,
          kind: format === "markdown" ? "readme" : "api",
          path,
          ...(heading === "" ? {} : { heading }),
          startLine,
          endLine,
        },
      },
    ];
  });
}

/** Packages in `modules`, those of a scope as well; nested installs belong to the package that brought them and are left out. */
async function findPackages(modules: string): Promise<Package[]> {
  const names: string[] = [];
  for (const name of await folders(modules)) {
    if (name.startsWith("@")) names.push(...(await folders(join(modules, name))).map((below) => `${name}/${below}`));
    else if (!name.startsWith(".")) names.push(name);
  }
  const found: Package[] = [];
  for (const name of names.toSorted()) {
    const folder = join(modules, name);
    try {
      const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as { version?: string };
      found.push({ name, version: version ?? "0.0.0", folder });
    } catch {
      // no package
    }
  }
  return found;
}

/** README first, then other Markdown, then declarations, each by name. */
async function documentation(folder: string): Promise<string[]> {
  const files: string[] = [];
  const visit = async (below: string): Promise<void> => {
    for (const entry of (await readdir(below, { withFileTypes: true })).toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const file = join(below, entry.name);
      if (entry.isDirectory() && entry.name !== "node_modules") await visit(file);
      else if (entry.isFile() && isDocumentation(entry.name)) files.push(file);
    }
  };
  await visit(folder);
  const rank = (file: string): number => (/readme[^/\\]*$/i.test(file) ? 0 : /\.md$/i.test(file) ? 1 : 2);
  const sizes = new Map(await Promise.all(files.map(async (file) => [file, (await stat(file)).size] as const)));
  return files.filter((file) => (sizes.get(file) ?? 0) <= MAX_FILE_BYTES).toSorted((a, b) => rank(a) - rank(b));
}

function isDocumentation(name: string): boolean {
  return /\.(?:md|d\.[cm]?ts)$/i.test(name) && !/^(?:license|licence|changelog|changes|history)\b/i.test(name);
}

async function folders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}
