import { stat } from "node:fs/promises";
import { GennakerError } from "../../errors.ts";
import type { Context } from "../command.ts";
import { ProgressLine } from "../progress.ts";
import { bytes, plural } from "../units.ts";
import type { Check } from "./check.ts";

/** Above this reading every byte takes longer than a doctor should. */
const QUICK_BYTES = 2e9;

/** Opens the store for reading and checks it. A store that is not there yet is no fault. */
export async function storeChecks(context: Context): Promise<Check[]> {
  const { db, output, signal } = context;
  const found = await stat(db).catch(() => undefined);
  if (!found) return [{ name: "store", state: "ok", found: `none at ${db} yet; gennaker index <path…> makes one` }];
  const line = new ProgressLine(output);
  try {
    const store = await context.open("read");
    try {
      const { engine, generation, sequence } = store.status();
      const { collections, bytes: size } = await store.stats();
      const count = Object.values(collections).reduce((sum, one) => sum + one.count, 0);
      const opened: Check = {
        name: "store",
        state: "ok",
        found:
          `${engine}, generation ${generation}, sequence ${sequence}: ${plural(count, "document")} in ` +
          `${plural(Object.keys(collections).length, "collection")}, ${bytes(size)}`,
      };
      if (size > QUICK_BYTES) {
        return [
          opened,
          { name: "checksums", state: "ok", found: "not read, the store is large: gennaker verify reads them" },
        ];
      }
      const { ok, files, problems } = await store.verify({ signal, progress: (report) => line.show(report) });
      if (ok) return [opened, { name: "checksums", state: "ok", found: `${plural(files, "file")} read` }];
      return [opened, ...problems.map(({ file, problem }) => damage(`${file}: ${problem}`))];
    } finally {
      await store.close();
    }
  } catch (error) {
    if (signal.aborted) throw error;
    return [failure(error)];
  } finally {
    line.clear();
  }
}

function damage(found: string): Check {
  return {
    name: "checksums",
    state: "fail",
    found,
    repair:
      "gennaker generations rollback returns to a generation that may be whole; else index again into a new directory.",
  };
}

function failure(error: unknown): Check {
  const found = error instanceof Error ? error.message : String(error);
  const code = error instanceof GennakerError ? error.code : undefined;
  switch (code) {
    case "GENNAKER_NATIVE_MISSING":
      return { name: "store", state: "fail", found: "cannot be opened without the binary", repair: "See binary." };
    case "GENNAKER_FORMAT_TOO_NEW":
      return {
        name: "store",
        state: "fail",
        found,
        repair: "Install the version of gennaker that wrote it, or a later one.",
      };
    case "GENNAKER_CORRUPT":
      return { ...damage(found), name: "store" };
    default:
      return { name: "store", state: "fail", found, repair: "Name the directory of a store with --db DIR." };
  }
}
