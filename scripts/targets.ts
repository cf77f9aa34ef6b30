import { manifest } from "./root.ts";

/** One platform that a prebuilt binary is published for; the names are those npm, Node and napi use. */
export interface Target {
  /** Rust's name, as in `napi.targets` of package.json. */
  readonly triple: string;
  /** napi's short name: `linux-x64-gnu`. */
  readonly platform: string;
  readonly os: "linux" | "darwin" | "win32";
  readonly cpu: "x64" | "arm64";
  /** Only on Linux, where npm picks the package by it. */
  readonly libc?: "glibc" | "musl";
  /** What the README calls it. */
  readonly title: string;
  /** npm package that carries the binary. */
  readonly packageName: string;
  /** File name of the binary in that package and in native/. */
  readonly binary: string;
}

const systems: Record<string, Pick<Target, "os"> & { suffix: string; libc?: "glibc" | "musl"; title: string }> = {
  "unknown-linux-gnu": { os: "linux", suffix: "-gnu", libc: "glibc", title: "Linux, glibc 2.17 or later" },
  "unknown-linux-musl": { os: "linux", suffix: "-musl", libc: "musl", title: "Linux, musl (Alpine)" },
  "apple-darwin": { os: "darwin", suffix: "", title: "macOS" },
  "pc-windows-msvc": { os: "win32", suffix: "-msvc", title: "Windows" },
};

function parse(triple: string): Target {
  const [architecture = "", ...rest] = triple.split("-");
  const system = systems[rest.join("-")];
  const cpu = { x86_64: "x64", aarch64: "arm64" }[architecture] as Target["cpu"] | undefined;
  if (system === undefined || cpu === undefined) {
    throw new Error(
      `napi.targets of package.json has "${triple}", which scripts/targets.ts does not know: add it there`,
    );
  }
  const platform = `${system.os}-${cpu}${system.suffix}`;
  return {
    triple,
    platform,
    os: system.os,
    cpu,
    ...(system.libc === undefined ? {} : { libc: system.libc }),
    title: system.title,
    packageName: `${manifest.name}-${platform}`,
    binary: `${manifest.napi.binaryName}.${platform}.node`,
  };
}

/** Every published platform, in the order of `napi.targets`. */
export const targets: readonly Target[] = manifest.napi.targets.map(parse);

/** The platform these scripts run on, or null when no binary is published for it. */
export function hostTarget(): Target | null {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  const libc = report.header?.glibcVersionRuntime === undefined ? "musl" : "glibc";
  const fits = (target: Target) =>
    target.os === process.platform && target.cpu === process.arch && (target.libc ?? libc) === libc;
  return targets.find(fits) ?? null;
}
