import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe } from "vitest";
import { open } from "../../src/index.ts";
import { durableContract } from "./durable.ts";
import { engineContract } from "./engine-contract.ts";
import { nativeSubject } from "./native-subject.ts";

const folder = mkdtempSync(join(tmpdir(), "gennaker-contract-"));
let stores = 0;
const subject = await nativeSubject();

describe("in memory", () => {
  engineContract(subject);
});
describe("on disk", () => {
  const openAt = (path: string, config = {}) => open(path, { ...config, engine: "native" });
  const create = () => openAt(join(folder, String(stores++)));
  const durable = { ...subject, capabilities: { ...subject.capabilities, durable: true }, create, openAt };
  engineContract(durable);
  durableContract(durable);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));
