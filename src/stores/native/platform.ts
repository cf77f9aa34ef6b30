import { readFileSync } from "node:fs";

/** Where this process runs, in the words of npm packages and `napi build --platform`. */
export interface Platform {
  /** `linux-x64-gnu`, `darwin-arm64`, `win32-x64-msvc` … */
  readonly name: string;
  /** Only on Linux. */
  readonly libc?: "glibc" | "musl";
}

/** The platform of this process. */
export function hostPlatform(): Platform {
  const base = `${process.platform}-${process.arch}`;
  if (process.platform === "win32") return { name: `${base}-msvc` };
  if (process.platform !== "linux") return { name: base };
  const libc = isMusl() ? "musl" : "glibc";
  return { name: `${base}-${libc === "musl" ? "musl" : "gnu"}`, libc };
}

/** A look at `ldd` takes microseconds; the report of the process, milliseconds. */
function isMusl(): boolean {
  try {
    return readFileSync("/usr/bin/ldd", "latin1").includes("musl");
  } catch {
    const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
    return report.header?.glibcVersionRuntime === undefined;
  }
}
