import { expect, it } from "vitest";
import { publishedManifest } from "../../scripts/pack.ts";
import { platformManifest } from "../../scripts/platforms.ts";
import { hostTarget, targets } from "../../scripts/targets.ts";

it("names the eight platforms as npm, Node and napi do", () => {
  expect(targets.map((target) => target.platform).toSorted()).toEqual([
    "darwin-arm64",
    "darwin-x64",
    "linux-arm64-gnu",
    "linux-arm64-musl",
    "linux-x64-gnu",
    "linux-x64-musl",
    "win32-arm64-msvc",
    "win32-x64-msvc",
  ]);
});

it("knows the platform that it runs on", () => {
  expect(hostTarget()).toMatchObject({ os: process.platform, cpu: process.arch });
});

it("lets npm tell glibc from musl", () => {
  const libcs = targets.filter((target) => target.os === "linux").map((target) => platformManifest(target)["libc"]);
  expect(libcs).toEqual([["glibc"], ["musl"], ["glibc"], ["musl"]]);
});

it("publishes every platform package as optional, at the same version, and nothing that only a checkout needs", () => {
  const { version, optionalDependencies, ...rest } = publishedManifest() as Record<string, unknown> & {
    version: string;
    optionalDependencies: Record<string, string>;
  };
  expect(Object.keys(optionalDependencies).toSorted()).toEqual(targets.map((target) => target.packageName).toSorted());
  expect(new Set(Object.values(optionalDependencies))).toEqual(new Set([version]));
  for (const key of ["scripts", "devDependencies", "dependencies", "overrides", "allowScripts", "napi"]) {
    expect(rest).not.toHaveProperty(key);
  }
});
