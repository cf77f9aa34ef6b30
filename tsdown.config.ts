import { defineConfig, type UserConfig } from "tsdown";
import { bundledLicences } from "./scripts/bundled-licences.ts";

const common: UserConfig = {
  // Node 22.13 is the promise; es2023 keeps dist loadable by Node 20 too, and lowers `await using`, which Node 22 cannot parse
  target: "es2023",
  platform: "node",
  fixedExtension: false,
  // both formats go into one folder, which scripts/dist.ts empties first
  clean: false,
  // what package.json lists for development and src imports all the same is bundled on purpose: no run-time dependency
  deps: { onlyBundle: ["commander", "@clack/prompts", "@clack/core", "@bomb.sh/tab"] },
};

export default defineConfig([
  {
    ...common,
    entry: { index: "src/index.ts", cli: "src/cli/main.ts" },
    format: "esm",
    dts: { entry: "src/index.ts" },
    plugins: [bundledLicences("THIRD-PARTY-LICENSES.txt")],
  },
  { ...common, entry: { index: "src/index.ts" }, format: "cjs", dts: true },
]);
