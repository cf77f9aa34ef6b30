import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../command.ts";
import { packMain, publishedManifest, type Packed } from "../pack.ts";
import { platformDifferences } from "../platforms.ts";
import { manifest, root } from "../root.ts";
import { hostTarget } from "../targets.ts";
import { command, findings, type Outcome, type Step } from "./step.ts";

/** Bytes. The binary and the whole install are what the README promises; the main package alone has its own, tighter bound. */
export const budgets = { binary: 20e6, installed: 40e6, mainUnpacked: 3e6 };

/** The package as users get it: packed once, then looked at from several sides. */
export const packageSteps: readonly Step[] = [
  findings("platform packages", platformDifferences),
  findings("no install scripts, no run-time dependencies", supplyFindings),
  findings("README", readmeFindings),
  packedStep("publint", (packed) => command("", "publint", ["run", packed.tarball, "--strict"])),
  packedStep("types of every resolution", (packed) => command("", "attw", [packed.tarball, "--no-definitely-typed"])),
  { name: "package size", check: () => withPacked(checkSize) },
];

function packedStep(name: string, step: (packed: Packed) => Step): Step {
  return { name, check: () => withPacked((packed) => step(packed).check()) };
}

async function withPacked(look: (packed: Packed) => Promise<Outcome> | Outcome): Promise<Outcome> {
  const out = mkdtempSync(join(tmpdir(), "gennaker-check-"));
  try {
    return await look(await packMain(out));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

function checkSize(packed: Packed): Outcome {
  const target = hostTarget();
  const binary = target === null ? null : join(root, "native", target.binary);
  const binaryBytes = binary !== null && existsSync(binary) ? statSync(binary).size : 0;
  const sizes = {
    binary: binaryBytes,
    installed: binaryBytes + packed.unpackedBytes,
    mainUnpacked: packed.unpackedBytes,
  };
  const over = (Object.keys(budgets) as (keyof typeof budgets)[]).filter((key) => sizes[key] > budgets[key]);
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  const note = `binary ${megabytes(sizes.binary)}, installed ${megabytes(sizes.installed)}, main package ${megabytes(sizes.mainUnpacked)}`;
  if (over.length === 0) return { result: "ok", note };
  return {
    result: "failed",
    note,
    report: over.map((key) => `${key}: ${sizes[key]} bytes, budget ${budgets[key]}`).join("\n"),
  };
}

function supplyFindings(): string[] {
  const found: string[] = [];
  const dependencies = Object.keys(manifest.dependencies ?? {});
  if (dependencies.length > 0) found.push(`package.json has run-time dependencies: ${dependencies.join(", ")}`);
  const hooks = ["preinstall", "install", "postinstall", "prepare", "prepublish"];
  for (const hook of hooks)
    if (manifest.scripts?.[hook] !== undefined) found.push(`package.json has a script "${hook}"`);
  if ("scripts" in publishedManifest()) found.push("the published package.json has scripts");
  return found;
}

/** Budgets of the first page: 120 lines in all, a complete program within the first 30. */
function readmeFindings(): string[] {
  const lines = readFileSync(join(root, "README.md"), "utf8").trimEnd().split("\n");
  const found: string[] = [];
  if (lines.length > 120) found.push(`README.md has ${lines.length} lines, 120 are allowed`);
  if (!lines.slice(0, 30).some((line) => line.startsWith("```ts")))
    found.push("README.md has no program in its first 30 lines");
  return found;
}

/** Nothing in git may name where it was built: no registry host, no lock-file entry with an address. */
export const repositoryStep: Step = findings("repository", async () => {
  const registry = await run("npm", ["config", "get", "registry"], { output: "keep" });
  const host = /https?:\/\/(?:[^/@\s]*@)?([^/:\s]+)/.exec(registry.output)?.[1];
  const found: string[] = [];
  for (const needle of [host, '"resolved": "http'].filter((text) => text !== undefined)) {
    const grep = await run("git", ["grep", "-lF", needle, "--", ".", ":!Cargo.lock", ":!scripts/check"], {
      output: "keep",
    });
    if (grep.code === 0) found.push(`"${needle}" stands in ${grep.output.trim().split("\n").join(", ")}`);
  }
  const binaries = await run("git", ["ls-files", "*.node", "*.so", "*.dll", "*.dylib", "*.wasm"], { output: "keep" });
  if (binaries.output.trim() !== "") found.push(`binaries in git: ${binaries.output.trim()}`);
  return found;
});

/** Paths that the documents name in backticks have to exist: a document that names a file that moved is worse than none. */
export const documentsStep: Step = findings("paths in documents", () => {
  const documents = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"];
  const built = ["native/", "dist/", "target/"];
  return documents.flatMap((document) => {
    const named = readFileSync(join(root, document), "utf8").matchAll(/`((?:\.\/)?[\w.@-]+(?:\/[\w.@-]+)*\/?)`/g);
    const paths = [...named]
      .map(([, path = ""]) => path)
      .filter((path) => /^(src|crates|scripts|npm|__test__|benchmarks|api|\.github)\//.test(path));
    return paths
      .filter((path) => !built.some((folder) => path.startsWith(folder)) && !existsSync(join(root, path)))
      .map((path) => `${document} names ${path}, which is not there`);
  });
});
