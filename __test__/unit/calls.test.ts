import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { Calls } from "../../src/database/calls.ts";

const hanging = (): Promise<never> => new Promise(() => {});

describe("calls", () => {
  it("wait for writes at close, not for reads", async () => {
    const calls = new Calls();
    const log: string[] = [];
    const writing = calls.run("write", undefined, async () => {
      await new Promise((done) => setTimeout(done, 10));
      log.push("written");
    });
    const reading = calls.run("read", undefined, hanging).catch((error: { code: string }) => log.push(error.code));
    await calls.close().then(() => log.push("closed"));
    await Promise.all([writing, reading]);
    expect(log).toEqual(["GENNAKER_CLOSED", "written", "closed"]);
    await expect(calls.run("read", undefined, async () => 1)).rejects.toMatchObject({ code: "GENNAKER_CLOSED" });
    expect(calls.closing.aborted).toBe(true);
  });

  it("wait at close for a write whose caller has stopped waiting", async () => {
    const calls = new Calls();
    let isWritten = false;
    const writing = calls.run("write", { timeoutMs: 1 }, async () => {
      await new Promise((done) => setTimeout(done, 15));
      isWritten = true;
    });
    await expect(writing).rejects.toMatchObject({ code: "GENNAKER_TIMEOUT" });
    await calls.close();
    expect(isWritten).toBe(true);
  });

  it("tell the engine why they stopped", async () => {
    const calls = new Calls();
    const controller = new AbortController();
    let signal: AbortSignal | undefined;
    const running = calls.run("read", { signal: controller.signal }, (call) => {
      signal = call.signal;
      return hanging();
    });
    controller.abort("enough");
    await expect(running).rejects.toMatchObject({ code: "GENNAKER_ABORTED", cause: "enough" });
    expect(signal?.reason).toMatchObject({ code: "GENNAKER_ABORTED", cause: "enough" });
  });

  it("leave no listener on the caller's signal", async () => {
    const calls = new Calls();
    const { signal } = new AbortController();
    await calls.run("read", { signal }, async () => 1);
    await calls
      .run("write", { signal, timeoutMs: 10_000 }, async () => Promise.reject(new Error("x")))
      .catch(() => undefined);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});
