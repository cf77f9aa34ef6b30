import { open } from "../../src/index.ts";
import { openMemory } from "../../src/stores/memory/engine.ts";
import type { Subject } from "./subject.ts";

/** The engine that needs no binary. */
export function memorySubject(): Subject {
  const { capabilities } = openMemory({ retention: { count: 3 }, onEvent: () => {} });
  return { name: "memory", capabilities, create: () => open(":memory:", { engine: "memory" }) };
}
