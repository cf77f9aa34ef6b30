import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { duration, run, versionOf } from "./command.ts";
import { root } from "./root.ts";
import { contentHash, filesUnder, readStamp, writeStamp } from "./stamp.ts";
import { hostTarget } from "./targets.ts";

const stampFile = "native/stamp";
const generatedTypes = "native/index.d.ts";
const committedTypes = "src/stores/native/binding.d.ts";
const oldestRust = [1, 95];

/** How the addon is compiled: `ci` is quick to rebuild, `release` is what is published and measured. */
export type Profile = "ci" | "release";

/** Builds `native/gennaker.<platform>.node` unless it is there and made from exactly these sources. Returns whether it built. */
export async function buildAddon(profile: Profile): Promise<boolean> {
  const target = hostTarget();
  const binary = target === null ? null : `native/${target.binary}`;
  const hash = contentHash(sources(), [profile, target?.triple ?? `${process.platform}-${process.arch}`]);
  if (binary !== null && existsSync(join(root, binary)) && readStamp(stampFile) === hash) return false;

  requireRust();
  mkdirSync(join(root, "native"), { recursive: true });
  rmSync(join(root, stampFile), { force: true });
  console.error(
    `building the addon, profile ${profile} (a first build compiles every crate: about three minutes on two cores)`,
  );
  const started = performance.now();
  const clock = setInterval(() => {
    console.error(`   still compiling, ${duration((performance.now() - started) / 1000)}`);
  }, 20_000);
  const args = ["build", "--platform", "--profile", profile, "--manifest-path", "crates/node/Cargo.toml"];
  const built = await run("napi", [...args, "--output-dir", "native", "--no-js"]);
  clearInterval(clock);
  if (built.code !== 0) throw new Error(`the addon did not build: napi build ended with ${built.code ?? built.signal}`);

  const made = binary ?? filesUnder(["native"]).find((file) => file.endsWith(".node")) ?? "native/";
  const megabytes = existsSync(join(root, made)) ? statSync(join(root, made)).size / 1e6 : 0;
  console.error(`addon built in ${duration(built.seconds)}: ${made}, ${megabytes.toFixed(1)} MB`);
  writeStamp(stampFile, hash);
  const difference = typesDifference();
  if (difference !== null) console.error(`note: ${difference}`);
  return true;
}

/** What a reader has to do when the generated types are not the committed ones; null when they agree. */
export function typesDifference(): string | null {
  if (!existsSync(join(root, generatedTypes))) return null;
  if (!existsSync(join(root, committedTypes)))
    return `${committedTypes} is missing: copy ${generatedTypes} there and commit it`;
  const read = (path: string) => readFileSync(join(root, path), "utf8").replaceAll("\r\n", "\n").trim();
  if (read(generatedTypes) === read(committedTypes)) return null;
  return `${committedTypes} is not what the addon declares: copy ${generatedTypes} over it and commit it`;
}

/** Everything that can change the binary; tests, benchmarks and fuzzers of the crates cannot. */
function sources(): string[] {
  const isSource = (path: string) => !/^crates\/[^/]+\/(tests|benches|fuzz|target)(\/|$)/.test(path);
  return filesUnder(["Cargo.toml", "Cargo.lock", "crates"], isSource);
}

function requireRust(): void {
  const version = versionOf("cargo");
  const wanted = oldestRust.join(".");
  if (version === null) {
    throw new Error(
      `native/ has no addon made from these sources, and there is no cargo on PATH to make one. Install Rust ${wanted} or later ` +
        "(https://rustup.rs) and run the command again. To use gennaker without a checkout: npm install gennaker.",
    );
  }
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
  if (major * 1000 + minor < oldestRust[0]! * 1000 + oldestRust[1]!) {
    throw new Error(`${version} is too old: the crates need Rust ${wanted}. Run "rustup update stable" and try again.`);
  }
}
