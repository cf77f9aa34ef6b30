import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { share } from "../../src/database/shared.ts";
import type { Engine, EngineEvent } from "../../src/engine/port.ts";
import { openMemory } from "../../src/stores/memory/engine.ts";

const directory = await mkdtemp(join(tmpdir(), "gennaker-shared-"));
afterAll(() => rm(directory, { recursive: true }));

/** Opens memory engines and writes down what happens to them. */
function recorder(): { log: string[]; tell: (event: EngineEvent) => void; open: Parameters<typeof share>[2] } {
  const log: string[] = [];
  const listeners: ((event: EngineEvent) => void)[] = [];
  return {
    log,
    tell: (event) => listeners.forEach((listener) => listener(event)),
    async open(path, onEvent) {
      const engine: Engine = openMemory({ retention: { count: 3 }, onEvent });
      listeners.push(onEvent);
      log.push(`open ${path?.slice(directory.length)}`);
      await new Promise((done) => setTimeout(done, 5));
      return {
        ...engine,
        async close() {
          log.push("closing");
          await new Promise((done) => setTimeout(done, 5));
          log.push("closed");
        },
        closeSync: () => log.push("closed at once"),
      };
    },
  };
}

describe("handles of one process", () => {
  it("share one engine per real path, which the last one closes", async () => {
    const { log, open } = recorder();
    const link = join(directory, "link");
    await symlink(directory, link);
    const paths = [join(directory, "a"), join(directory, "b", "..", "a"), join(link, "a")];
    const [one, two, three] = await Promise.all(paths.map((path) => share(path, false, open)));
    expect(log).toEqual(["open /a"]);
    expect(two?.engine).toBe(one?.engine);
    await one?.release();
    await one?.release();
    await two?.release();
    expect(log).toEqual(["open /a"]);
    await three?.release();
    expect(log).toEqual(["open /a", "closing", "closed"]);
  });

  it("wait for an engine that is closing before they open the next", async () => {
    const { log, open } = recorder();
    const path = join(directory, "again");
    const first = await share(path, false, open);
    const releasing = first.release();
    const second = await share(path, false, open);
    await releasing;
    expect(log).toEqual(["open /again", "closing", "closed", "open /again"]);
    expect(second.engine).not.toBe(first.engine);
    second.releaseSync();
    second.releaseSync();
    expect(log.at(-1)).toBe("closed at once");
    const third = await share(path, false, open);
    expect(third.engine).not.toBe(second.engine);
    await third.release();
  });

  it("read through the writer's engine when there is one", async () => {
    const { log, open } = recorder();
    const path = join(directory, "read");
    const reader = await share(path, true, open);
    const writer = await share(path, false, open);
    const second = await share(path, true, open);
    expect(log).toEqual(["open /read", "open /read"]);
    expect([second.engine === writer.engine, reader.engine === writer.engine]).toEqual([true, false]);
    for (const one of [reader, writer, second]) await one.release();
  });

  it("are private without a path", async () => {
    const { open } = recorder();
    const [one, two] = await Promise.all([share(undefined, false, open), share(undefined, false, open)]);
    expect(one.engine).not.toBe(two.engine);
    await Promise.all([one.release(), two.release()]);
  });

  it("try again after a failed open", async () => {
    const { open } = recorder();
    const path = join(directory, "fails");
    const failing = (): Promise<never> => Promise.reject(new Error("locked"));
    const both = await Promise.allSettled([share(path, false, failing), share(path, false, failing)]);
    expect(both.map((one) => one.status)).toEqual(["rejected", "rejected"]);
    const shared = await share(path, false, open);
    await shared.release();
  });

  it("hear the engine's events until they let go", async () => {
    const { open, tell } = recorder();
    const path = join(directory, "events");
    const [one, two] = await Promise.all([share(path, false, open), share(path, false, open)]);
    const heard: string[] = [];
    const stop = one.subscribe((event) => heard.push(`1 ${event.message}`));
    two.subscribe((event) => heard.push(`2 ${event.message}`));
    tell({ type: "maintenance", message: "a", details: {} });
    stop();
    tell({ type: "maintenance", message: "b", details: {} });
    expect(heard).toEqual(["1 a", "2 a", "2 b"]);
    await Promise.all([one.release(), two.release()]);
  });
});
