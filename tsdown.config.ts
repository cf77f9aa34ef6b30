import { defineConfig, type UserConfig } from "tsdown";

const common: UserConfig = {
  // Node 22.13 is the promise; es2023 keeps dist loadable by Node 20 too, and lowers `await using`, which Node 22 cannot parse
  target: "es2023",
  platform: "node",
  fixedExtension: false,
  // both formats go into one folder, which scripts/dist.ts empties first
  clean: false,
  // nothing of node_modules is bundled; what ever is must be named here, and its licence packed (scripts/pack.ts)
  deps: { onlyBundle: [] },
};

export default defineConfig([
  {
    ...common,
    entry: { index: "src/index.ts", cli: "src/cli/main.ts" },
    format: "esm",
    dts: { entry: "src/index.ts" },
  },
  { ...common, entry: { index: "src/index.ts" }, format: "cjs", dts: true },
]);
