import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "./command.ts";

interface Metadata {
  readonly packages: readonly {
    readonly id: string;
    readonly name: string;
    readonly version: string;
    readonly license: string | null;
    readonly source: string | null;
    readonly manifest_path: string;
  }[];
  readonly resolve: {
    readonly nodes: readonly {
      readonly id: string;
      readonly deps: readonly {
        readonly pkg: string;
        readonly dep_kinds: readonly { readonly kind: string | null }[];
      }[];
    }[];
  };
}

/** Names, licences and licence texts of every crate that is compiled into the binary for `triple`: they ask to be passed on. */
export async function crateLicences(triple: string): Promise<string> {
  const args = ["metadata", "--format-version", "1", "--locked", "--filter-platform", triple];
  let json = "";
  const found = await run("cargo", args, { output: (line) => (json += line.startsWith("{") ? line : "") });
  if (found.code !== 0) throw new Error(`cargo metadata failed:\n${found.output}`);
  const { packages, resolve } = JSON.parse(json) as Metadata;

  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const linked = new Set<string>();
  const visit = (id: string) => {
    if (linked.has(id)) return;
    linked.add(id);
    for (const dep of nodes.get(id)?.deps ?? []) if (dep.dep_kinds.some(({ kind }) => kind === null)) visit(dep.pkg);
  };
  for (const crate of packages) if (crate.name === "gennaker-node") visit(crate.id);

  // many crates carry the same text; it is printed once, under all of its crates
  const cratesByText = new Map<string, string[]>();
  for (const crate of packages.filter(({ id, source }) => linked.has(id) && source !== null)) {
    const text =
      licenceTexts(dirname(crate.manifest_path)) || `(no licence file in the crate; declared: ${crate.license})\n`;
    const title = `${crate.name} ${crate.version} (${crate.license ?? "see below"})`;
    cratesByText.set(text, [...(cratesByText.get(text) ?? []), title]);
  }
  const sections = [...cratesByText].map(([text, titles]) => `${titles.toSorted().join("\n")}\n\n${text}`).toSorted();
  return `The binary contains the following crates.\n\n${sections.join(`\n${"-".repeat(80)}\n\n`)}`;
}

/** The licence and notice files at the top of `folder`, one after the other; empty when there is none. */
export function licenceTexts(folder: string): string {
  const isLicence = (name: string) => /^(licen[cs]e|copying|notice|unlicense)/i.test(name);
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile() && isLicence(entry.name));
  const names = files.map((entry) => entry.name).toSorted();
  return names.map((name) => `${readFileSync(join(folder, name), "utf8").trim()}\n`).join("\n");
}
