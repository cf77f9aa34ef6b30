import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CollectionOptions, Database } from "../../src/index.ts";
import { codeOf, collect, contents, type Subject } from "./subject.ts";

/** An engine that holds directories. */
export interface DurableSubject extends Subject {
  readonly openAt: (path: string, config?: { readonly readOnly?: boolean }) => Promise<Database>;
}

/** What survives a close, and how handles on one directory live together. */
export function durableContract({ openAt, missing = "" }: DurableSubject): void {
  describe.skipIf(missing !== "")("a directory", { meta: { skip: missing } }, () => {
    let folder = "";
    beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "gennaker-durable-"))));
    afterAll(() => rm(folder, { recursive: true }));

    it("shows the same after close and open, generations and schemas included", async () => {
      const path = join(folder, "made", "on the way");
      const before = await openAt(path);
      const docs = await before.collection("docs", { metadata: { n: "int" } });
      await docs.upsert([
        { id: "1", text: "first", vector: [1, 2], metadata: { n: 1 } },
        { id: "2", text: "second" },
      ]);
      await docs.namespace("a").upsert([{ id: "1" }]);
      await using next = await before.generations.begin();
      await (await next.collection("docs")).upsert([{ id: "3", text: "third" }]);
      await next.seal();
      await next.promote();
      await docs.delete("2");
      const [held, answer] = [
        await contents(before),
        (await docs.search({ text: "first third", vector: [1, 0] })).hits,
      ];
      await before.close();
      await using after = await openAt(path);
      expect(await contents(after)).toEqual(held);
      const again = await after.collection("docs");
      expect((await again.search({ text: "first third", vector: [1, 0] })).hits).toEqual(answer);
      expect(await again.namespace("a").count()).toBe(1);
      await after.generations.rollback();
      expect((await collect(again.scan())).map((one) => one.id)).toEqual(["1"]);
      expect(await after.verify()).toMatchObject({ ok: true });
    });

    it("keeps what was accepted when it is closed at once", async () => {
      const path = join(folder, "sync");
      const before = await openAt(path);
      const docs = await before.collection("docs");
      await docs.upsert([{ id: "1" }], { durability: "none" });
      await docs.upsert([{ id: "2" }], { durability: "batch" });
      before.closeSync();
      await using after = await openAt(path);
      expect(await (await after.collection("docs")).count()).toBe(2);
    });

    it("forgets a build that was not sealed", async () => {
      const path = join(folder, "build");
      const before = await openAt(path);
      const next = await before.generations.begin();
      await (await next.collection("docs")).upsert([{ id: "1" }]);
      await before.close();
      await using after = await openAt(path);
      expect((await after.generations.list()).map((one) => one.state)).toEqual(["live"]);
    });

    it("is shared by handles of one process: each sees the others' writes and closes alone", async () => {
      const path = join(folder, "shared");
      const [one, two] = await Promise.all([openAt(path), openAt(path)]);
      const [left, right] = [await one.collection("docs"), await two.collection("docs")];
      await left.upsert([{ id: "1", text: "word" }]);
      expect((await right.search({ text: "word" })).hits).toHaveLength(1);
      await one.close();
      await expect(left.count()).rejects.toMatchObject({ code: "GENNAKER_CLOSED" });
      expect(await right.upsert([{ id: "2" }])).toMatchObject({ upserted: 1 });
      await two.close();
    });

    it.each([true, false])(
      "opened read-only answers and refuses every write (beside a writer: %s)",
      async (isBeside) => {
        const path = join(folder, `read ${isBeside}`);
        const writer = await openAt(path);
        await (await writer.collection("docs")).upsert([{ id: "1", text: "word" }]);
        if (!isBeside) await writer.close();
        await using db = await openAt(path, { readOnly: true });
        const docs = await db.collection("docs");
        expect(await docs.get("1")).toEqual({ id: "1", text: "word" });
        expect((await docs.search({ text: "word" })).hits).toHaveLength(1);
        expect(db.status()).toMatchObject({ readOnly: true });
        const writes = [
          () => docs.upsert([{ id: "2" }]),
          () => docs.upsertColumns({ ids: ["2"] }),
          () => docs.update("1", {}),
          () => docs.delete("1"),
          () => docs.deleteWhere({}),
          () => docs.ingest([{ id: "2" }]),
          () => db.dropCollection("docs"),
          () => db.generations.begin(),
          () => db.generations.promote(1),
          () => db.generations.rollback(),
          () => db.generations.pin(1),
          () => db.generations.unpin(1),
          () => db.generations.drop(1),
        ];
        for (const write of writes) expect(await codeOf(write)).toBe("GENNAKER_READ_ONLY");
        expect(await codeOf(() => db.collection("absent"))).toBe("GENNAKER_NOT_FOUND");
        const declared = { metric: "cosine", text: "string", namespaces: "optional" } as const;
        expect(await (await db.collection("docs", declared)).count()).toBe(1);
        const others: [CollectionOptions, string][] = [
          [{ metadata: { more: "int" } }, "READ_ONLY"],
          [{ dimension: 2 }, "READ_ONLY"],
          [{ embed: "lsa" }, "READ_ONLY"],
          [{ namespaces: "required" }, "READ_ONLY"],
          [{ text: ["title"] }, "READ_ONLY"],
          [{ text: { text: { weight: 2 } } }, "READ_ONLY"],
          [{ text: { text: { language: "none" } } }, "INVALID_SCHEMA"],
          [{ metric: "dot" }, "INVALID_SCHEMA"],
        ];
        for (const [schema, code] of others)
          expect(await codeOf(() => db.collection("docs", schema))).toBe(`GENNAKER_${code}`);
        expect(await docs.count()).toBe(1);
        await writer.close();
      },
    );

    it("that is not there is not made by a reader", async () => {
      const path = join(folder, "nothing here");
      expect(await codeOf(() => openAt(path, { readOnly: true }))).toMatch(/^GENNAKER_(NOT_FOUND|IO)$/);
      expect(await readdir(folder)).not.toContain("nothing here");
    });
  });
}
