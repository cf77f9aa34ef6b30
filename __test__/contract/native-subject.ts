import { open } from "../../src/index.ts";
import { openNative } from "../../src/stores/native/engine.ts";
import { loadBinding } from "../../src/stores/native/load.ts";
import { memorySubject } from "./memory-subject.ts";
import type { Subject } from "./subject.ts";

const OPTIONS = { readOnly: false, retention: { count: 3 }, followMs: 200, threads: 1, onEvent: () => {} };

/** The native engine in memory, or what is missing for it. */
export async function nativeSubject(): Promise<Subject> {
  try {
    loadBinding();
  } catch (error) {
    const missing = `no native binary: ${(error as Error).message.split("\n", 1)[0]}`;
    return { ...memorySubject(), name: "native", missing };
  }
  await using engine = await openNative(undefined, OPTIONS);
  const { capabilities } = engine;
  return { name: "native", capabilities, create: () => open(":memory:", { engine: "native" }) };
}
