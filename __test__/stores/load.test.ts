import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { BindingReport } from "../../src/stores/native/load.ts";
import { describeBinding } from "../../src/stores/native/load.ts";
import { hostPlatform } from "../../src/stores/native/platform.ts";
import { folder } from "./subject.ts";

interface Outcome {
  readonly error?: { readonly code: string; readonly message: string; readonly details: Record<string, unknown> };
  readonly report: BindingReport;
}

const root = join(import.meta.dirname, "../..");
const { name } = hostPlatform();
const binary = join(root, "native", `gennaker.${name}.node`);

/** Loads the addon in a process of its own, from `home`. */
async function load(env: Record<string, string> = {}, home = root): Promise<Outcome> {
  const script = `
    const { loadBinding, describeBinding } = await import(${JSON.stringify(join(home, "src/stores/native/load.ts"))});
    let error;
    try { loadBinding(); } catch ({ code, message, details }) { error = { code, message, details }; }
    console.log(JSON.stringify({ error, report: describeBinding() }));`;
  const args = ["--input-type=module", "--disable-warning=ExperimentalWarning", "--eval", script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...env } });
  return JSON.parse(stdout) as Outcome;
}

/** A folder like an installed package: no checkout, no `native/`. */
function installed(): string {
  const home = folder();
  const native = join(home, "src/stores/native");
  mkdirSync(native, { recursive: true });
  for (const file of ["load.ts", "platform.ts"])
    copyFileSync(join(root, "src/stores/native", file), join(native, file));
  copyFileSync(join(root, "src/errors.ts"), join(home, "src/errors.ts"));
  copyFileSync(join(root, "package.json"), join(home, "package.json"));
  return home;
}

/** Adds the package of this platform. */
function withPackage(home: string, entry: string): void {
  const place = join(home, "node_modules", `gennaker-${name}`);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "package.json"), JSON.stringify({ name: `gennaker-${name}`, main: "binary.node" }));
  symlinkSync(entry, join(place, "binary.node"));
}

describe("the addon", () => {
  it("is the one that was built in the checkout", () => {
    const report = describeBinding();
    expect(report).toMatchObject({ platform: name, node: process.version, loaded: { file: binary } });
    expect(report.attempts).toEqual([{ what: binary, why: "it was built in this checkout" }]);
    expect(report.loaded?.simd).toMatch(/^(scalar|avx2|avxvnni|avx512|neon|neondot)$/);
  });

  it("is the file that the variable names, and no other", async () => {
    const { report } = await load({ NAPI_RS_NATIVE_LIBRARY_PATH: binary });
    expect(report.attempts).toEqual([{ what: binary, why: "NAPI_RS_NATIVE_LIBRARY_PATH names it" }]);
    expect(report.loaded?.file).toBe(binary);
    const { error, report: second } = await load({ NAPI_RS_NATIVE_LIBRARY_PATH: "/nowhere/at-all.node" });
    expect(error?.code).toBe("GENNAKER_NATIVE_MISSING");
    expect(error?.message).toContain("/nowhere/at-all.node (NAPI_RS_NATIVE_LIBRARY_PATH names it): Cannot find module");
    expect(error?.message).toContain("or unset it");
    expect(error?.details["attempts"]).toHaveLength(1);
    expect(second.attempts).toEqual(error?.details["attempts"]);
  });

  it("that is no binary is reported with what the system says of it", async () => {
    const file = join(folder(), "text.node");
    writeFileSync(file, "no binary");
    const { error, report } = await load({ NAPI_RS_NATIVE_LIBRARY_PATH: file });
    expect(error?.message).toMatch(/text\.node: (file too short|invalid ELF header)|not valid|slice is not valid/);
    expect(report.loaded).toBeUndefined();
    expect(report.repair).toBe(error?.details["repair"]);
  });

  it("is found in the package of the platform", async () => {
    const home = installed();
    withPackage(home, binary);
    const { error, report } = await load({}, home);
    expect(error).toBeUndefined();
    expect(report.attempts).toEqual([{ what: `gennaker-${name}`, why: "it is the package of this platform" }]);
  });

  it("that is missing tells platform, libc, Node, what was tried, and the command that repairs it", async () => {
    const { error } = await load({}, installed());
    const { libc } = hostPlatform();
    expect(error?.message).toContain(`on ${name}${libc ? ` (${libc})` : ""}, Node ${process.version}`);
    expect(error?.message).toContain(`- gennaker-${name} (it is the package of this platform): Cannot find module`);
    expect(error?.message).toMatch(new RegExp(`npm install gennaker-${name}@\\d+\\.\\d+\\.\\d+`));
    expect(error?.details).toMatchObject({ platform: name, node: process.version });
  });

  it("in a checkout is to be built", async () => {
    const home = installed();
    mkdirSync(join(home, "crates"));
    const { error } = await load({}, home);
    expect(error?.details["repair"]).toBe("This is a checkout: run `npm run build`.");
  });

  it("of another version is refused", async () => {
    const home = installed();
    writeFileSync(join(home, "package.json"), JSON.stringify({ name: "gennaker", version: "99.0.0", type: "module" }));
    withPackage(home, binary);
    const { error } = await load({}, home);
    expect(error?.message).toMatch(/it is version \d+\.\d+\.\d+, this is 99\.0\.0/);
  });

  it("says when a level of instructions was asked for that is not there", async () => {
    const { report } = await load({ GENNAKER_SIMD: "sse9" });
    expect(report.loaded?.simdRefused).toContain("unknown level");
    expect((await load({ GENNAKER_SIMD: "scalar" })).report.loaded).toMatchObject({ simd: "scalar" });
  });
});
