import { describe, expect, it } from "vitest";
import { ERROR_CODES, GennakerError } from "../../src/errors.ts";
import { fromNative } from "../../src/stores/native/errors.ts";
import { loadBinding } from "../../src/stores/native/load.ts";
import { docs, documents, near, openEngine, vector } from "./subject.ts";

const sync = { durability: "sync" } as const;
const upsert = (list: ReturnType<typeof documents>) => ({ kind: "upsert", documents: list }) as const;

describe("errors of the addon", () => {
  it("have the codes of TypeScript, in the same order", () => {
    expect(loadBinding().errorCodes()).toEqual([...ERROR_CODES]);
  });

  it("carry code, details and retryable when they are rejections", async () => {
    const engine = await openEngine();
    const write = engine.write(
      docs,
      upsert([...documents(1), { id: "bad", vector: new Float32Array([1, 2, 3]) }]),
      sync,
    );
    const error = await write.catch((error: unknown) => error);
    expect(error).toBeInstanceOf(GennakerError);
    expect(error).toMatchObject({
      code: "GENNAKER_DIMENSION_MISMATCH",
      details: { position: 1, id: "bad", expected: 64, actual: 3 },
      retryable: false,
    });
    expect(await engine.count(docs, undefined)).toBe(0);
  });

  it("carry the same when they are thrown", async () => {
    const engine = await openEngine();
    await engine.write(docs, upsert(documents(1)), sync);
    const search = () => engine.searchSync?.(docs, near(new Float32Array([1, 2, 3])));
    expect(search).toThrow(GennakerError);
    expect(search).toThrow(
      expect.objectContaining({ code: "GENNAKER_DIMENSION_MISMATCH", details: expect.objectContaining({ actual: 3 }) }),
    );
  });

  it("keep lists and nested values in their details, and say when a retry may help", () => {
    const thrown = caught(() => loadBinding().failForTest("error"));
    expect(fromNative(thrown)).toMatchObject({
      code: "GENNAKER_LOCKED",
      retryable: true,
      details: { value: { list: [1, "two", null, true], large: Number.MAX_SAFE_INTEGER } },
    });
  });

  it("name the failing query of several", async () => {
    const engine = await openEngine();
    await engine.write(docs, upsert(documents(1)), sync);
    const queries = [near(vector(1)), near(new Float32Array([1]))];
    await expect(engine.searchMany(docs, queries)).rejects.toMatchObject({ details: { position: 1 } });
  });
});

describe("a panic", () => {
  it.each(["sync", "job"])("of a call (%s) is INTERNAL and ends nothing else", async (how) => {
    const failed = await Promise.resolve()
      .then(() => loadBinding().failForTest(how))
      .catch((error: unknown) => fromNative(error));
    expect(failed).toMatchObject({ code: "GENNAKER_INTERNAL", details: { panic: "on purpose" }, retryable: false });
    await loadBinding().failForTest("");
  });

  it("that loses a promise rejects it", async () => {
    const failed = await loadBinding()
      .failForTest("lost")
      .catch((error: unknown) => fromNative(error));
    expect(failed).toMatchObject({ code: "GENNAKER_INTERNAL" });
  });

  it("or a wrong argument that the binding finds is INTERNAL too", async () => {
    const thrown = caught(() => loadBinding().open(1 as never, {} as never));
    expect(fromNative(thrown)).toMatchObject({ code: "GENNAKER_INTERNAL", cause: thrown });
  });
});

function caught(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
