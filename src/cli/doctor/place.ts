import { access, constants, readFile, stat, statfs } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { bytes } from "../units.ts";
import type { Check } from "./check.ts";

// magic numbers of statfs(2); elsewhere than on Linux the number means something else and is not translated
const FILE_SYSTEMS: { readonly [magic: number]: string } = {
  0xef53: "ext4",
  0x9123683e: "btrfs",
  0x58465342: "xfs",
  0x01021994: "tmpfs",
  0x794c7630: "overlayfs",
  0x2fc12fc1: "zfs",
  0xf2f52010: "f2fs",
  0x6969: "nfs",
  0xff534d42: "cifs",
  0xfe534d42: "smb2",
  0x65735546: "fuse",
  0x01021997: "9p",
  0x4d44: "fat",
  0x2011bab0: "exfat",
};
const REMOTE = new Set(["nfs", "cifs", "smb2", "fuse", "9p"]);
const LEAST_FREE = 100e6;
const LITTLE_FREE = 1e9;

/** The file system under the store: kind, free space, and whether it may be written. */
export async function placeChecks(db: string): Promise<Check[]> {
  const folder = await existing(resolve(db));
  const checks: Check[] = [];
  try {
    const { type, bavail, bsize } = await statfs(folder);
    checks.push(kindCheck(folder, process.platform === "linux" ? FILE_SYSTEMS[type] : undefined));
    checks.push(spaceCheck(bavail * bsize));
  } catch (error) {
    checks.push({ name: "file system", state: "warn", found: `unknown: ${(error as Error).message}` });
  }
  try {
    await access(folder, constants.R_OK | constants.W_OK);
  } catch (error) {
    checks.push({
      name: "permission",
      state: "fail",
      found: (error as Error).message,
      repair: `Let this user read and write ${folder}, or name another directory with --db DIR.`,
    });
  }
  return checks;
}

/** Whether a process that writes is open: the lock itself dies with its process, the number beside it is only a hint. */
export async function lockCheck(db: string): Promise<Check> {
  const text = await readFile(join(db, "LOCK.info"), "utf8").catch(() => "");
  const pid = Number(text.trim());
  if (!Number.isSafeInteger(pid) || pid <= 0) return { name: "lock", state: "ok", found: "free" };
  return isRunning(pid)
    ? { name: "lock", state: "ok", found: `process ${pid} opened it last for writing and is running` }
    : { name: "lock", state: "ok", found: `free; process ${pid}, the last that wrote, has ended` };
}

function kindCheck(folder: string, kind: string | undefined): Check {
  if (kind === undefined || !REMOTE.has(kind)) {
    return { name: "file system", state: "ok", found: `${kind ?? "local or unknown"} at ${folder}` };
  }
  return {
    name: "file system",
    state: "warn",
    found: `${kind} at ${folder}: locks and syncs of a network file system may not hold`,
    repair: "Keep the store on a local disk.",
  };
}

function spaceCheck(free: number): Check {
  const found = `${bytes(free)} free`;
  if (free >= LITTLE_FREE) return { name: "space", state: "ok", found };
  return {
    name: "space",
    state: free < LEAST_FREE ? "fail" : "warn",
    found,
    repair: "Free space before indexing more.",
  };
}

/** The nearest folder that is there: the store's own, or where it would be made. */
async function existing(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() || dirname(path) === path ? path : await existing(dirname(path));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
