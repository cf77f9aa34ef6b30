import manifest from "../../../package.json" with { type: "json" };
import { describeBinding } from "../../stores/native/load.ts";
import { type Command, EXIT } from "../command.ts";
import type { Check } from "../doctor/check.ts";
import { binaryChecks, machineChecks } from "../doctor/machine.ts";
import { lockCheck, placeChecks } from "../doctor/place.ts";
import { storeChecks } from "../doctor/store.ts";
import type { Output } from "../output.ts";

/** `gennaker doctor` */
export const doctor: Command = {
  name: "doctor",
  summary: "check platform, binary, CPU, file system and store; exit code 3 when something is wrong",
  usage: "",
  takes: [0, 0],
  options: {},
  async run(context) {
    const { output, db } = context;
    const binding = describeBinding();
    const checks = [...machineChecks(binding, manifest.version), ...binaryChecks(binding)];
    if (db !== ":memory:")
      checks.push(...(await placeChecks(db)), await lockCheck(db), ...(await storeChecks(context)));
    const ok = checks.every(({ state }) => state !== "fail");
    output.answer({ ok, checks, binding }, () => lines(checks, output));
    return ok ? EXIT.ok : EXIT.problems;
  },
};

const STYLES = { ok: "green", warn: "yellow", fail: "red" } as const;

function lines(checks: readonly Check[], output: Output): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks
    .flatMap(({ name, state, found, repair }) => [
      `${output.paint([STYLES[state]], state.padEnd(4))}  ${name.padEnd(width)}  ${output.safe(found)}`,
      ...(repair ? [`${" ".repeat(width + 8)}${output.safe(repair)}`] : []),
    ])
    .join("\n");
}
