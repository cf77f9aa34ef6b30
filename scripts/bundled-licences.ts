import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "rolldown";
import { licenceTexts } from "./crate-licences.ts";

/** Bundler plugin: writes `file` with the licence texts of every npm package whose code went into the bundle. */
export function bundledLicences(file: string): Plugin {
  return {
    name: "bundled-licences",
    generateBundle(_options, bundle) {
      const folders = new Set<string>();
      for (const chunk of Object.values(bundle)) {
        const modules = chunk.type === "chunk" ? Object.entries(chunk.modules) : [];
        for (const [id, module] of modules)
          if (id.includes("node_modules") && module.renderedLength > 0) folders.add(packageFolder(id));
      }
      if (folders.size === 0) return;
      const sections = [...folders].toSorted().map((folder) => {
        const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<
          string,
          string
        >;
        return `${name} ${version} (${license})\n\n${licenceTexts(folder)}`;
      });
      this.emitFile({ type: "asset", fileName: file, source: sections.join(`\n${"-".repeat(80)}\n\n`) });
    },
  };
}

function packageFolder(moduleId: string): string {
  let folder = dirname(moduleId.replace(/^\0/, "").replace(/\?.*$/, ""));
  // nested package.json files such as {"type":"module"} have no name
  const isPackage = (path: string) => existsSync(path) && readFileSync(path, "utf8").includes('"name"');
  while (!isPackage(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
