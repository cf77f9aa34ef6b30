import { release } from "node:os";
import type { BindingReport } from "../../stores/native/load.ts";
import type { Check } from "./check.ts";

const OLDEST_NODE = [22, 13] as const;

/** Platform and Node. */
export function machineChecks({ platform }: BindingReport, version: string): Check[] {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  const glibc = report.header?.glibcVersionRuntime;
  const libc = process.platform !== "linux" ? "" : glibc === undefined ? ", musl" : `, glibc ${glibc}`;
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  return [
    { name: "gennaker", state: "ok", found: version },
    { name: "platform", state: "ok", found: `${platform} (${process.platform} ${release()}, ${process.arch}${libc})` },
    isOld
      ? {
          name: "node",
          state: "warn",
          found: `${process.version}, older than what is tested`,
          repair: `Use Node ${OLDEST_NODE.join(".")} or later.`,
        }
      : { name: "node", state: "ok", found: process.version },
  ];
}

/** Which binary answers and why it and no other, and the instruction set that it chose. */
export function binaryChecks({ loaded, attempts, repair }: BindingReport): Check[] {
  if (!loaded) {
    const tried = attempts.map(({ what, why, failure }) => `${what} (${why}): ${failure ?? "loaded"}`);
    return [
      {
        name: "binary",
        state: "fail",
        found: tried.length === 0 ? "none for this platform" : `none could be loaded; tried ${tried.join("; ")}`,
        ...(repair === undefined ? {} : { repair }),
      },
    ];
  }
  const chosen = attempts.at(-1);
  const failed = attempts.filter(({ failure }) => failure !== undefined);
  const passed = failed.map(({ what, failure }) => `; passed over ${what}: ${failure ?? ""}`).join("");
  return [
    {
      name: "binary",
      state: "ok",
      found: `${loaded.file}, version ${loaded.version}, because ${chosen?.why ?? "it is there"}${passed}`,
    },
    cpuCheck(loaded),
  ];
}

function cpuCheck({ simd, simdRefused }: NonNullable<BindingReport["loaded"]>): Check {
  if (simdRefused !== undefined) {
    return {
      name: "cpu",
      state: "warn",
      found: `${simd}; GENNAKER_SIMD was passed over: ${simdRefused}`,
      repair: "Unset GENNAKER_SIMD, or name a level of this CPU.",
    };
  }
  const isForced = process.env["GENNAKER_SIMD"] !== undefined && process.env["GENNAKER_SIMD"] !== "";
  return {
    name: "cpu",
    state: "ok",
    found: `${simd}${isForced ? ", forced by GENNAKER_SIMD" : ", chosen for this CPU"}`,
  };
}
