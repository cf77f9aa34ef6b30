// The package as a user gets it: packed, installed into an empty folder without a network, and the README's first program run
// as ESM, CommonJS and TypeScript. GENNAKER_UPDATE_README=1 writes what it printed into the README.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { budgets } from "../../scripts/check/package.ts";
import { run, versionOf } from "../../scripts/command.ts";
import { crateLicences } from "../../scripts/crate-licences.ts";
import { packMain, packPlatform } from "../../scripts/pack.ts";
import { readmeOutput, readmeProgram, readmeProgramAsCommonJs, updateReadmeOutput } from "../../scripts/readme.ts";
import { root } from "../../scripts/root.ts";
import { hostTarget } from "../../scripts/targets.ts";

const folder = mkdtempSync(join(tmpdir(), "gennaker-package-"));
const target = hostTarget();
const hasAwaitUsing = Number(process.versions.node.split(".")[0]) >= 24;
const hasCargo = versionOf("cargo") !== null;
const program = readmeProgram();

beforeAll(async () => {
  if (target === null) throw new Error(`no package is published for ${process.platform}-${process.arch}`);
  const licences = hasCargo ? await crateLicences(target.triple) : "";
  const packed = [await packMain(folder), await packPlatform(target, join(root, "native"), folder, licences)];
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const tarballs = packed.map(({ tarball }) => tarball);
  // offline: the packages of the other platforms are optional, so that not finding them must not matter
  const installed = await run("npm", ["install", "--offline", "--no-audit", "--no-fund", ...tarballs], {
    cwd: folder,
    output: "keep",
  });
  if (installed.code !== 0) throw new Error(`npm install of the tarballs failed:\n${installed.output}`);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `file` in a folder of its own, so that "./data" is new, and returns what it printed. */
async function printed(file: string, source: string): Promise<string> {
  const place = join(folder, file.replaceAll(".", "-"));
  mkdirSync(place);
  writeFileSync(join(place, file), source);
  const runnable = hasAwaitUsing ? file : await lowered(place, file);
  const ended = await run(process.execPath, ["--no-warnings", runnable], { cwd: place, output: "keep" });
  expect(ended.code, ended.output).toBe(0);
  return ended.output;
}

/** For a Node that has no `await using`: the same file, compiled as the README says. */
async function lowered(place: string, file: string): Promise<string> {
  const source = file.replace(/\.mjs$/, ".mts").replace(/\.cjs$/, ".cts");
  if (source !== file) writeFileSync(join(place, source), readFileSync(join(place, file)));
  const out = join(place, "out");
  const compiled = await typeCheck(place, source, "nodenext", [
    "--noEmit",
    "false",
    "--target",
    "es2022",
    "--outDir",
    out,
  ]);
  expect(compiled, source).toBe("");
  return join(out, source.replace(/ts$/, "js"));
}

async function typeCheck(
  place: string,
  file: string,
  resolution: "node16" | "nodenext" | "bundler",
  more: string[] = [],
) {
  const types = join(root, "node_modules", "@types");
  const args = [
    file,
    "--ignoreConfig",
    "--strict",
    "--noEmit",
    "--target",
    "es2022",
    "--lib",
    "es2023,esnext.disposable",
  ];
  const modules = ["--module", resolution === "bundler" ? "preserve" : resolution, "--moduleResolution", resolution];
  const compiled = await run("tsc", [...args, ...modules, "--types", "node", "--typeRoots", types, ...more], {
    cwd: place,
    output: "keep",
  });
  return compiled.output;
}

describe("the README's first program prints what the README says", () => {
  it("as an ES module", async () => {
    const actual = await printed("main.mjs", program);
    if (process.env["GENNAKER_UPDATE_README"] === "1") updateReadmeOutput(actual);
    expect(actual).toBe(readmeOutput());
  });

  it("as CommonJS", async () => {
    expect(await printed("main.cjs", readmeProgramAsCommonJs())).toBe(readmeOutput());
  });

  it("as TypeScript", async () => {
    expect(await printed("main.mts", program)).toBe(readmeOutput());
  });
});

describe("the types resolve", () => {
  it.each(["node16", "nodenext", "bundler"] as const)(
    "under %s, for ESM and CommonJS importers",
    async (resolution) => {
      const place = join(folder, `types-${resolution}`);
      mkdirSync(place);
      writeFileSync(join(place, "main.mts"), program);
      writeFileSync(
        join(place, "main.cts"),
        'import { open } from "gennaker";\nvoid open("./data").then((db) => db.close());\n',
      );
      expect(await typeCheck(place, "main.mts", resolution)).toBe("");
      expect(await typeCheck(place, "main.cts", resolution)).toBe("");
    },
  );
});

describe("the install", () => {
  const installedManifests = () =>
    readdirSync(join(folder, "node_modules"), { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith("package.json"),
    );

  it("is the main package and one platform package, and runs nothing", () => {
    const manifests = installedManifests().map(
      (file) => JSON.parse(readFileSync(join(folder, "node_modules", file), "utf8")) as Record<string, unknown>,
    );
    expect(manifests.map((manifest) => String(manifest["name"])).toSorted()).toEqual(["gennaker", target?.packageName]);
    for (const manifest of manifests) {
      expect(manifest["scripts"]).toBeUndefined();
      expect(manifest["dependencies"]).toBeUndefined();
    }
  });

  it("stays within its size budgets", () => {
    const bytes = (path: string): number =>
      statSync(path).isFile()
        ? statSync(path).size
        : readdirSync(path).reduce((sum, name) => sum + bytes(join(path, name)), 0);
    const modules = join(folder, "node_modules");
    expect(bytes(modules)).toBeLessThanOrEqual(budgets.installed);
    expect(bytes(join(modules, target?.packageName ?? "", target?.binary ?? ""))).toBeLessThanOrEqual(budgets.binary);
  });

  it("carries the licences of what it contains", (context) => {
    context.skip(!hasCargo, "the crates' licences are collected by cargo, which is not installed");
    const modules = join(folder, "node_modules");
    expect(existsSync(join(modules, "gennaker", "LICENSE"))).toBe(true);
    expect(readFileSync(join(modules, target?.packageName ?? "", "THIRD-PARTY-LICENSES.txt"), "utf8")).toContain(
      "tantivy",
    );
  });

  it("has a command line that starts", async () => {
    const ended = await run(
      process.execPath,
      [join(folder, "node_modules", "gennaker", "dist", "cli.js"), "--version"],
      {
        cwd: folder,
        output: "keep",
      },
    );
    expect(ended.output.trim()).toMatch(/\d+\.\d+\.\d+/);
    expect(ended.code).toBe(0);
  });
});
