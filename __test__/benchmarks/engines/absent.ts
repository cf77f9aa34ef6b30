import { peer } from "../../../benchmarks/engines/peer.ts";
import { scanEngine } from "./scan.ts";

/** Needs a package that nobody has. */
export const load = () => scanEngine(peer("no-such-engine").version);
