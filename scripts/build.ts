// npm run build [-- --release]: the addon and dist, each only when missing or stale.
import { parseArgs } from "node:util";
import { buildAddon } from "./addon.ts";
import { buildDist } from "./dist.ts";

/** Builds what is missing or stale. Throws with a message meant for the person at the terminal. */
export async function build(profile: "ci" | "release"): Promise<void> {
  const addon = await buildAddon(profile);
  const dist = await buildDist();
  if (!addon && !dist) console.error("addon and dist are up to date");
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { release: { type: "boolean", default: false } } });
  try {
    await build(values.release ? "release" : "ci");
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
