import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "gennaker-environments-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const engine = JSON.stringify(new URL("../../src/stores/native/engine.ts", import.meta.url).href);
const prelude = `
  import { openNative } from ${engine};
  const options = { readOnly: false, retention: { count: 3 }, followMs: 200, threads: 0, onEvent() {} };
  const place = { target: "live", collection: "docs", namespace: "" };
  const vector = (seed) => Float32Array.from({ length: 64 }, (_, i) => ((seed * 31 + i * 17) % 23) - 11);
  const documents = (from, count) => Array.from({ length: count }, (_, i) => ({ id: String(from + i), vector: vector(i), text: "text " + i }));
  const upsert = (store, from, count) => store.write(place, { kind: "upsert", documents: documents(from, count) }, { durability: "sync" });
  const query = { kind: "vector", vector: vector(1), k: 10, offset: 0, recall: 0.95,
    fusion: { method: "balanced", weights: {}, rrfK: 60, candidates: 100 }, include: { vector: true, text: true, metadata: true } };
  const open = async (path) => {
    const store = await openNative(path, options);
    await store.openCollection("live", "docs", { dimension: 64 });
    return store;
  };
`;

/** Runs a program; resolves with what it printed, rejects when it ends with a signal or another code than 0. */
async function run(program: string): Promise<string> {
  const args = ["--input-type=module", "--disable-warning=ExperimentalWarning", "--eval", prelude + program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  return stdout.trim();
}

// Terminating a worker with calls in flight crashed processes that settled promises from threads of a runtime of their own.
describe("a worker that is terminated with calls in flight", () => {
  it.each(["memory", "a directory that all share"])("takes nothing with it: %s", async (where) => {
    const path = where === "memory" ? undefined : join(folder, "shared");
    const worker = `
      import { parentPort, workerData } from "node:worker_threads";
      ${prelude}
      const store = await open(workerData.path);
      await upsert(store, workerData.number * 1000, 300);
      const generation = await store.begin({ from: "empty" }).catch(() => undefined);
      const ignore = () => {};
      for (let i = 0; i < 10; i++) {
        store.search(place, query).catch(ignore);
        store.searchMany(place, Array(50).fill(query)).catch(ignore);
        upsert(store, workerData.number * 1000 + i, 1).catch(ignore);
        store.count(place, { x: i }, { signal: new AbortController().signal }).catch(ignore);
      }
      if (generation) store.seal(generation, { progress: ignore }).catch(ignore);
      parentPort.postMessage("in flight");`;
    const printed = await run(`
      import { once } from "node:events";
      import { Worker } from "node:worker_threads";
      const path = ${JSON.stringify(path)};
      for (let round = 0; round < 8; round++) {
        await Promise.all([0, 1, 2].map(async (number) => {
          const source = new URL("data:text/javascript," + encodeURIComponent(${JSON.stringify(worker)}));
          const worker = new Worker(source, { workerData: { path, number } });
          await once(worker, "message");
          await worker.terminate();
        }));
      }
      const store = await open(path);
      await upsert(store, 0, 300);
      console.log((await store.search(place, query)).hits.length, (await store.verify()).ok);
      await store.close();`);
    expect(printed).toBe("10 true");
  });
});

describe("a worker that dies with a store open", () => {
  it("lets go of the directory", async () => {
    const path = JSON.stringify(join(folder, "left"));
    const worker = `
      import { parentPort } from "node:worker_threads";
      ${prelude}
      globalThis.store = await open(${path});
      await upsert(store, 0, 10);
      parentPort.postMessage("open");
      setInterval(() => {}, 1000);`;
    const other = `${prelude} open(${path}).then(async (store) => console.log(await store.count(place)), (error) => console.log(error.code))`;
    const printed = await run(`
      import { execFileSync } from "node:child_process";
      import { once } from "node:events";
      import { Worker } from "node:worker_threads";
      const node = ["--input-type=module", "--disable-warning=ExperimentalWarning", "--eval", ${JSON.stringify(other)}];
      const other = () => execFileSync(process.execPath, node, { encoding: "utf8" }).trim();
      const worker = new Worker(new URL("data:text/javascript," + encodeURIComponent(${JSON.stringify(worker)})));
      await once(worker, "message");
      console.log(other());
      await worker.terminate();
      console.log(other());`);
    expect(printed).toBe("GENNAKER_LOCKED\n10");
  });
});

describe("a process", () => {
  it("is not kept alive by an open store, its threads or its listeners", async () => {
    const printed = await run(`
      const store = await open(${JSON.stringify(join(folder, "idle"))});
      await upsert(store, 0, 10);
      await store.search(place, query);
      globalThis.store = store;
      console.log("done");`);
    expect(printed).toBe("done");
  });

  it("is kept alive by a call in flight, which ends", async () => {
    const printed = await run(`
      const store = await open(undefined);
      upsert(store, 0, 500).then(({ upserted }) => console.log(upserted));`);
    expect(printed).toBe("500");
  });

  it("may exit with calls in flight; what was acknowledged is there", async () => {
    const path = JSON.stringify(join(folder, "exit"));
    const printed = await run(`
      const store = await open(${path});
      await upsert(store, 0, 300);
      for (let i = 0; i < 20; i++) {
        upsert(store, 1000 + i, 1);
        store.searchMany(place, Array(100).fill(query));
      }
      process.on("exit", () => console.log("exit"));
      process.exit(0);`);
    expect(printed).toBe("exit");
    const found = await run(`
      const store = await open(${path});
      console.log(await store.count(place, undefined) >= 300, (await store.verify()).ok);`);
    expect(found).toBe("true true");
  });

  it("may close in its exit handler", async () => {
    const path = JSON.stringify(join(folder, "handler"));
    await run(`
      const store = await open(${path});
      for (let i = 0; i < 20; i++) upsert(store, i, 1);
      process.on("exit", () => store.closeSync());
      process.exit(0);`);
    expect(await run(`const store = await open(${path}); console.log(await store.count(place, undefined));`)).toBe(
      "20",
    );
  });

  it("lets another one write once it has closed, not before", async () => {
    const path = JSON.stringify(join(folder, "locked"));
    const printed = await run(`
      import { execFileSync } from "node:child_process";
      const store = await open(${path});
      const other = () => execFileSync(process.execPath, ["--input-type=module", "--disable-warning=ExperimentalWarning", "--eval",
        ${JSON.stringify(prelude)} + "open(" + JSON.stringify(${path}) + ").then(() => console.log('open'), (error) => console.log(error.code, error.details.pid))"],
        { encoding: "utf8" }).trim();
      console.log(other().replace(String(process.pid), "pid"));
      await store.close();
      console.log(other());`);
    expect(printed).toBe("GENNAKER_LOCKED pid\nopen");
  });
});
