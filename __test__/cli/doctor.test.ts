import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { binaryChecks, machineChecks } from "../../src/cli/doctor/machine.ts";
import { lockCheck, placeChecks } from "../../src/cli/doctor/place.ts";
import { type ErrorCode, GennakerError } from "../../src/errors.ts";
import { jsonOf, lastingStore, runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "gennaker-doctor-"));
afterAll(() => rmSync(folder, { recursive: true }));

const loaded = { file: "/x/gennaker.node", version: "1.2.3", simd: "avx2" };
const why = "it is the package of this platform";

describe("what doctor says of the machine", () => {
  it("platform and Node", () => {
    const checks = machineChecks({ platform: "linux-x64-gnu", node: "v24", attempts: [] }, "1.2.3");
    expect(checks.map(({ name, state }) => [name, state])).toEqual([
      ["gennaker", "ok"],
      ["platform", "ok"],
      ["node", "ok"],
    ]);
    expect(checks[1]?.found).toContain("linux-x64-gnu");
  });

  it("which binary, why it, and what was passed over", () => {
    const attempts = [
      { what: "/x/native/a.node", why: "it was built in this checkout", failure: "wrong ELF class" },
      { what: "gennaker-linux-x64-gnu", why },
    ];
    const [binary, cpu] = binaryChecks({ platform: "p", node: "v24", attempts, loaded });
    expect(binary?.found).toBe(
      `/x/gennaker.node, version 1.2.3, because ${why}; passed over /x/native/a.node: wrong ELF class`,
    );
    expect(cpu).toMatchObject({ state: "ok", found: "avx2, chosen for this CPU" });
  });

  it("a level that was asked for: taken or refused", () => {
    vi.stubEnv("GENNAKER_SIMD", "avx2");
    const report = { platform: "p", node: "v24", attempts: [{ what: "a", why }] };
    expect(binaryChecks({ ...report, loaded })[1]).toMatchObject({
      state: "ok",
      found: "avx2, forced by GENNAKER_SIMD",
    });
    const refused = binaryChecks({ ...report, loaded: { ...loaded, simdRefused: "this CPU has no avx512" } })[1];
    expect(refused).toMatchObject({ state: "warn", repair: expect.stringContaining("Unset GENNAKER_SIMD") });
    vi.unstubAllEnvs();
  });

  it("a missing binary is a failure with what was tried and the repair", () => {
    const attempts = [{ what: "gennaker-x", why, failure: "Cannot find module" }];
    expect(binaryChecks({ platform: "p", node: "v24", attempts, repair: "npm install it" })).toEqual([
      {
        name: "binary",
        state: "fail",
        found: `none could be loaded; tried gennaker-x (${why}): Cannot find module`,
        repair: "npm install it",
      },
    ]);
  });
});

describe("what doctor says of the place", () => {
  it("the file system of the store, or of the folder that it would be made in", async () => {
    for (const db of [folder, join(folder, "not/yet/there")]) {
      const checks = await placeChecks(db);
      expect(checks.map(({ name }) => name)).toEqual(["file system", "space"]);
      expect(checks[0]?.found).toContain(folder);
    }
  });

  it("the process that writes, while it runs", async () => {
    expect((await lockCheck(folder)).found).toBe("free");
    writeFileSync(join(folder, "LOCK.info"), `${process.pid}\n`);
    expect((await lockCheck(folder)).found).toBe(`process ${process.pid} opened it last for writing and is running`);
    writeFileSync(join(folder, "LOCK.info"), "4194999\n");
    expect((await lockCheck(folder)).found).toMatch(/^free; process 4194999/);
    writeFileSync(join(folder, "LOCK.info"), "no number");
    expect((await lockCheck(folder)).found).toBe("free");
  });
});

describe("gennaker doctor", () => {
  const doctor = async (db: Parameters<typeof runCli>[1], path = folder) => {
    const ran = await runCli(["doctor", "--json", "--db", path], db);
    const { ok, checks } = jsonOf<{
      ok: boolean;
      checks: { name: string; state: string; found: string; repair?: string }[];
    }>(ran);
    return { code: ran.code, ok, store: checks.filter(({ name }) => name === "store" || name === "checksums") };
  };

  it("a healthy store, and none", async () => {
    const { db, close } = await lastingStore();
    const { store } = await doctor({ db });
    expect(store).toMatchObject([
      { state: "ok", found: expect.stringMatching(/^memory, generation 1, .* 0 documents/) },
      { state: "ok" },
    ]);
    expect((await doctor({ db }, join(folder, "none"))).store).toMatchObject([
      { state: "ok", found: expect.stringContaining("none at") },
    ]);
    const verify = db.verify.bind(db);
    db.verify = async () => ({ ...(await verify()), ok: false, problems: [{ file: "a.seg", problem: "checksum" }] });
    expect(await doctor({ db })).toMatchObject({
      code: 3,
      ok: false,
      store: [{}, { state: "fail", found: "a.seg: checksum" }],
    });
    await close();
  });

  it.each<[ErrorCode, RegExp]>([
    ["GENNAKER_NATIVE_MISSING", /See binary/],
    ["GENNAKER_FORMAT_TOO_NEW", /Install the version/],
    ["GENNAKER_CORRUPT", /rollback/],
    ["GENNAKER_IO", /--db DIR/],
  ])("a store that does not open with %s fails with its repair", async (code, repair) => {
    const open = async (): Promise<never> => {
      throw new GennakerError(code, "why");
    };
    const { store, ...rest } = await doctor({ open });
    expect(rest).toEqual({ code: 3, ok: false });
    expect(store).toMatchObject([{ state: "fail", repair: expect.stringMatching(repair) }]);
  });

  it("prints a line for each check", async () => {
    const { db, close } = await lastingStore();
    const { stdout } = await runCli(["doctor", "--db", folder], { db });
    expect(stdout).toMatch(/^ok {4}gennaker {5}\d/);
    expect(stdout).toMatch(/^ok {4}store {8}memory, generation 1/m);
    await close();
  });
});
