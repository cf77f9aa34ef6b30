import { open } from "../../src/index.ts";
import { openMemory } from "../../src/stores/memory/engine.ts";
import { engineContract } from "./engine-contract.ts";

const { capabilities } = openMemory({ retention: { count: 3 }, onEvent: () => {} });

engineContract({ name: "memory", capabilities, create: () => open(":memory:", { engine: "memory" }) });
