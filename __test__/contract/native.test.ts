import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe } from "vitest";
import { open } from "../../src/index.ts";
import { openNative } from "../../src/stores/native/engine.ts";
import { engineContract } from "./engine-contract.ts";

const folder = mkdtempSync(join(tmpdir(), "gennaker-contract-"));
let stores = 0;

const probe = await openNative(undefined, {
  readOnly: false,
  retention: { count: 3 },
  followMs: 200,
  threads: 0,
  onEvent: () => {},
});
const { capabilities } = probe;
await probe.close();

describe("in memory", () => {
  engineContract({ name: "native", capabilities, create: () => open(":memory:", { engine: "native" }) });
});
describe("on disk", () => {
  const create = () => open(join(folder, String(stores++)), { engine: "native" });
  engineContract({ name: "native", capabilities: { ...capabilities, durable: true }, create });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));
