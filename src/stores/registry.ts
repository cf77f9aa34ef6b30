import type { Engine, EngineOptions } from "../engine/port.ts";

/** Engines of this package by name; each is loaded when it is first asked for. `path` is absent for a store in memory. */
export const registry = {
  async native(path: string | undefined, options: EngineOptions): Promise<Engine> {
    const { openNative } = await import("./native/engine.ts");
    return await openNative(path, options);
  },
  async memory(_path: undefined, options: EngineOptions): Promise<Engine> {
    const { openMemory } = await import("./memory/engine.ts");
    return openMemory(options);
  },
};
