import { defineConfig } from "tsdown";

// Node 22.13 is the promise; es2023 keeps dist loadable by Node 20 too, and lowers `await using`, which Node 22 cannot parse.
const target = "es2023";

export default defineConfig([
  {
    entry: { index: "src/index.ts" },
    format: ["esm", "cjs"],
    dts: true,
    target,
    platform: "node",
    sourcemap: false,
    fixedExtension: false,
  },
  {
    entry: { cli: "src/cli/main.ts" },
    format: "esm",
    dts: false,
    target,
    platform: "node",
    sourcemap: false,
    clean: false,
    fixedExtension: false,
  },
]);
