import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { GennakerError } from "../../errors.ts";
import type * as binding from "./binding.d.ts";
import { hostPlatform, type Platform } from "./platform.ts";

/** The addon as `napi build` describes it. */
export type Binding = typeof binding;

/** One try to load the addon. */
export interface Attempt {
  /** File or package. */
  readonly what: string;
  /** Why it was tried. */
  readonly why: string;
  /** Why it failed; absent when it was loaded. */
  readonly failure?: string;
}
/** What `doctor` tells of the addon. */
export interface BindingReport {
  readonly platform: string;
  readonly node: string;
  readonly attempts: readonly Attempt[];
  /** Absent when nothing could be loaded. */
  readonly loaded?: {
    readonly file: string;
    readonly version: string;
    readonly simd: string;
    /** Set when `GENNAKER_SIMD` asked for a level that this machine or binary lacks. */
    readonly simdRefused?: string;
  };
  /** The command that helps, when nothing could be loaded. */
  readonly repair?: string;
}
interface Loaded {
  readonly binding: Binding;
  readonly file: string;
}
interface Home {
  readonly root: string;
  readonly version: string;
}

const PACKAGE = "gennaker";
const OVERRIDE = "NAPI_RS_NATIVE_LIBRARY_PATH";

const attempts: Attempt[] = [];
let loaded: Loaded | undefined;

/**
 * The addon, loaded at the first call. Tried in order: the file that `NAPI_RS_NATIVE_LIBRARY_PATH` names (alone, when it is
 * set), the checkout's `native/`, the package of this platform.
 *
 * @throws `NATIVE_MISSING`, telling what was tried, why each try failed, and the command that repairs it; a later call tries again.
 */
export function loadBinding(): Binding {
  return (loaded ??= load()).binding;
}

/** What was tried and what runs; loads the addon if nobody has. Never throws. */
export function describeBinding(): BindingReport {
  const base = { platform: hostPlatform().name, node: process.version };
  try {
    const about = loadBinding().about();
    const file = loaded?.file ?? "";
    const refused = about.simdRefused === undefined ? {} : { simdRefused: about.simdRefused };
    return { ...base, attempts, loaded: { file, version: about.version, simd: about.simd, ...refused } };
  } catch {
    return { ...base, attempts, repair: repairOf(hostPlatform(), home()) };
  }
}

function load(): Loaded {
  attempts.length = 0;
  const platform = hostPlatform();
  const place = home();
  const require = createRequire(import.meta.url);
  for (const { what, why } of candidates(platform, place)) {
    try {
      const file = require.resolve(what);
      const binding = require(file) as Binding;
      const { version } = binding.about();
      if (version !== place.version) throw new Error(`it is version ${version}, this is ${place.version}`);
      attempts.push({ what, why });
      return { binding, file };
    } catch (error) {
      attempts.push({ what, why, failure: reasonOf(error) });
    }
  }
  throw missing(platform, place);
}

function candidates(platform: Platform, { root }: Home): Omit<Attempt, "failure">[] {
  const override = process.env[OVERRIDE];
  if (override) return [{ what: override, why: `${OVERRIDE} names it` }];
  const local = join(root, "native", `${PACKAGE}.${platform.name}.node`);
  const installed = { what: `${PACKAGE}-${platform.name}`, why: "it is the package of this platform" };
  return existsSync(local) ? [{ what: local, why: "it was built in this checkout" }, installed] : [installed];
}

function missing(platform: Platform, place: Home): GennakerError {
  const on = `${platform.name}${platform.libc ? ` (${platform.libc})` : ""}, Node ${process.version}`;
  const tried = attempts.map(({ what, why, failure }) => `- ${what} (${why}): ${failure}`).join("\n");
  const repair = repairOf(platform, place);
  return new GennakerError(
    "GENNAKER_NATIVE_MISSING",
    `No native binary could be loaded on ${on}. Tried:\n${tried}\n${repair}`,
    {
      details: { platform: platform.name, libc: platform.libc, node: process.version, attempts: [...attempts], repair },
    },
  );
}

function repairOf(platform: Platform, { root, version }: Home): string {
  if (process.env[OVERRIDE])
    return `Let ${OVERRIDE} name a binary of version ${version} for this platform, or unset it.`;
  if (existsSync(join(root, "crates"))) return "This is a checkout: run `npm run build`.";
  return (
    `Run \`npm install ${PACKAGE}-${platform.name}@${version}\`. A lock file made on another platform, or --omit=optional, ` +
    "leaves it out; where there is no such package, build it from a checkout with `npm run build`."
  );
}

/** The root of this package, from `src/stores/native/` and from `dist/` alike. */
function home(): Home {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file)) {
      const { name, version } = JSON.parse(readFileSync(file, "utf8")) as { name?: string; version?: string };
      if (name === PACKAGE && version !== undefined) return { root: folder, version };
    }
    if (dirname(folder) === folder) return { root: start, version: "unknown" };
  }
}

/** The first line says what failed; the rest of Node's message is the stack of requires. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n")[0] ?? message;
}
