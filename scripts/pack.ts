// node scripts/pack.ts [--out DIR] [--binaries DIR] [--all]: the tarballs that are published, made from a built checkout.
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { crateLicences } from "./crate-licences.ts";
import { run } from "./command.ts";
import { platformManifest } from "./platforms.ts";
import { manifest, root } from "./root.ts";
import { hostTarget, targets, type Target } from "./targets.ts";

/** One tarball made by `npm pack`; sizes in bytes. */
export interface Packed {
  readonly name: string;
  readonly tarball: string;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  readonly files: readonly string[];
}

/**
 * package.json as published. The platform packages are added only here: a checkout that named them could not be installed
 * by `npm ci` before their first release, and would fetch published binaries beside the ones it builds. What only a checkout
 * needs (scripts, development dependencies, pins) is left out, so no script of ours can run on a user's machine.
 */
export function publishedManifest(): Record<string, unknown> {
  const source = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, unknown>;
  const isForCheckout = new Set(["scripts", "devDependencies", "overrides", "allowScripts", "napi"]);
  const kept = Object.entries(source).filter(([key]) => !isForCheckout.has(key));
  const optionalDependencies = Object.fromEntries(targets.map((target) => [target.packageName, manifest.version]));
  return { ...Object.fromEntries(kept), optionalDependencies };
}

/** Packs the main package from dist/. */
export function packMain(out: string): Promise<Packed> {
  if (!existsSync(join(root, "dist/index.js"))) throw new Error('dist/ is missing: run "npm run build" first');
  return stage(publishedManifest(), out, (folder) => {
    cpSync(join(root, "dist"), join(folder, "dist"), { recursive: true });
    for (const file of ["README.md", "CHANGELOG.md", "LICENSE"]) copyFileSync(join(root, file), join(folder, file));
  });
}

/** Packs one platform package around the binary found in `binaries`; `licences` is {@link crateLicences} of its target. */
export function packPlatform(target: Target, binaries: string, out: string, licences: string): Promise<Packed> {
  const binary = join(binaries, target.binary);
  if (!existsSync(binary)) throw new Error(`${binary} is missing: build it for ${target.triple} first`);
  return stage(platformManifest(target), out, (folder) => {
    copyFileSync(binary, join(folder, target.binary));
    copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
    copyFileSync(join(root, "npm", target.platform, "README.md"), join(folder, "README.md"));
    writeFileSync(join(folder, "THIRD-PARTY-LICENSES.txt"), licences);
  });
}

async function stage(content: Record<string, unknown>, out: string, fill: (folder: string) => void): Promise<Packed> {
  const folder = mkdtempSync(join(tmpdir(), "gennaker-pack-"));
  try {
    writeFileSync(join(folder, "package.json"), `${JSON.stringify(content, null, 2)}\n`);
    fill(folder);
    mkdirSync(out, { recursive: true });
    const packed = await run("npm", ["pack", "--json", "--silent", "--pack-destination", out], {
      cwd: folder,
      output: "keep",
    });
    const start = packed.output.indexOf("[");
    if (packed.code !== 0 || start < 0)
      throw new Error(`npm pack of ${String(content["name"])} failed:\n${packed.output}`);
    const [entry] = JSON.parse(packed.output.slice(start, packed.output.lastIndexOf("]") + 1)) as [NpmPackEntry];
    const tarball = join(out, entry.filename);
    return {
      name: entry.name,
      tarball,
      packedBytes: statSync(tarball).size,
      unpackedBytes: entry.unpackedSize,
      files: entry.files.map((file) => file.path),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface NpmPackEntry {
  readonly name: string;
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      out: { type: "string", default: "native/packed" },
      binaries: { type: "string", default: "native" },
      all: { type: "boolean", default: false },
    },
  });
  const out = resolve(values.out);
  const wanted = values.all ? targets : [hostTarget()].filter((target) => target !== null);
  const packed = [await packMain(out)];
  for (const target of wanted)
    packed.push(await packPlatform(target, resolve(values.binaries), out, await crateLicences(target.triple)));
  for (const { tarball, packedBytes, unpackedBytes } of packed) {
    console.log(
      `${tarball}  ${(packedBytes / 1e6).toFixed(2)} MB packed, ${(unpackedBytes / 1e6).toFixed(2)} MB installed`,
    );
  }
}
