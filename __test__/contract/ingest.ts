import { describe, expect, it } from "vitest";
import type { DocumentInput } from "../../src/index.ts";
import type { Subject } from "./subject.ts";

/** Streams of documents. */
export function ingestContract({ create }: Subject): void {
  describe("ingest", () => {
    it("writes a stream in its order: the last of an id wins", async () => {
      await using db = await create();
      const docs = await db.collection("docs");
      async function* source(): AsyncGenerator<DocumentInput> {
        for (let i = 0; i < 50; i++) yield { id: `${i % 20}`, metadata: { n: i } };
      }
      const done: number[] = [];
      const result = await docs.ingest(source(), {
        batch: 7,
        concurrency: 3,
        total: 50,
        progress: (report) => done.push(report.done),
      });
      expect(result).toMatchObject({ accepted: 50, rejected: 0, sequence: db.status().sequence });
      expect(await docs.count()).toBe(20);
      expect((await docs.get(["0", "19"])).map((one) => one?.metadata)).toEqual([{ n: 40 }, { n: 39 }]);
      expect(done.at(-1)).toBe(50);
    });

    it("hands bad documents to onReject and writes the others", async () => {
      await using db = await create();
      const docs = await db.collection("docs", { metadata: { n: "int" } });
      const bad = new Map<number, string>();
      const source = [
        { id: "a", metadata: { n: 1 } },
        { id: "" },
        { id: "b", metadata: { n: "x" } },
        { id: "c", vector: [NaN] },
        5,
        { id: "d" },
        { id: "e", metadata: { n: 1.5 } },
      ];
      const result = await docs.ingest(source as never, {
        onReject: ({ position, error }) => bad.set(position, (error as { code?: string }).code ?? error.name),
      });
      expect(result).toMatchObject({ accepted: 2, rejected: 5 });
      expect(Object.fromEntries(bad)).toEqual({
        1: "GENNAKER_INVALID_ID",
        2: "GENNAKER_INVALID_SCHEMA",
        3: "GENNAKER_NOT_FINITE",
        4: "TypeError",
        6: "GENNAKER_INVALID_SCHEMA",
      });
      expect(await docs.count()).toBe(2);
    });

    it("ends at the first bad document without onReject, keeping the batches before it", async () => {
      await using db = await create();
      const docs = await db.collection("docs");
      const source = Array.from({ length: 25 }, (_, i) => (i === 24 ? { id: "" } : { id: `${i}` }));
      await expect(docs.ingest(source, { batch: 10 })).rejects.toMatchObject({
        code: "GENNAKER_INVALID_ID",
        details: { position: 24 },
      });
      expect(await docs.count()).toBe(20);
    });

    it("does not read ahead of what it writes, stops at abort and closes its source", async () => {
      await using db = await create();
      const docs = await db.collection("docs");
      const controller = new AbortController();
      let [read, isClosed] = [0, false];
      async function* source(): AsyncGenerator<DocumentInput> {
        try {
          for (;;) {
            if (read === 95) controller.abort(new Error("enough"));
            yield { id: `${read++}` };
          }
        } finally {
          isClosed = true;
        }
      }
      const ingesting = docs.ingest(source(), { batch: 10, concurrency: 2, signal: controller.signal });
      await expect(ingesting).rejects.toMatchObject({ name: "AbortError", cause: new Error("enough") });
      await expect.poll(() => isClosed).toBe(true);
      expect(read).toBeLessThan(100);
      expect(await docs.count()).toBeGreaterThanOrEqual(60);
    });

    it("lets the source wait for slow batches, and embeds the next ones meanwhile", async () => {
      await using db = await create();
      let [read, embedded, under, mostUnder, ahead] = [0, 0, 0, 0, 0];
      const embed = async (texts: readonly string[]): Promise<number[][]> => {
        mostUnder = Math.max(mostUnder, ++under);
        await new Promise((done) => setTimeout(done, 3));
        under -= 1;
        embedded += texts.length;
        return texts.map((text) => [1, text.length]);
      };
      const docs = await db.collection("docs", { embed: { id: "slow", embed } });
      function* source(): Generator<DocumentInput> {
        for (; read < 100; read++) {
          ahead = Math.max(ahead, read - embedded);
          yield { id: `${read}`, text: "x".repeat(read + 1) };
        }
      }
      expect(await docs.ingest(source(), { batch: 5, concurrency: 3 })).toMatchObject({ accepted: 100 });
      expect(mostUnder).toBe(3);
      expect(ahead).toBeLessThanOrEqual(20);
      expect((await docs.get("41"))?.vector).toEqual(Float32Array.from([1, 42]));
    });

    it("calls what is no iterable a wrong type", async () => {
      await using db = await create();
      const docs = await db.collection("docs");
      await expect(docs.ingest({} as never)).rejects.toBeInstanceOf(TypeError);
      await expect(docs.ingest("text" as never)).rejects.toBeInstanceOf(TypeError);
      await expect(docs.ingest([], { batch: 0 })).rejects.toMatchObject({ code: "GENNAKER_INVALID_QUERY" });
    });
  });
}
