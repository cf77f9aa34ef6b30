import { GennakerError } from "../../errors.ts";
import type { Verification } from "../../model.ts";
import { type Command, type Context, EXIT } from "../command.ts";
import { ProgressLine } from "../progress.ts";
import { bytes, plural, time } from "../units.ts";

/** `gennaker verify` */
export const verify: Command = {
  name: "verify",
  summary: "read every stored byte and check it; exit code 3 when something is wrong",
  usage: "",
  takes: [0, 0],
  options: {},
  async run(context) {
    const { output } = context;
    const found = await check(context);
    output.answer(found, () => {
      const size = `${plural(found.files, "file")}, ${bytes(found.bytes)}, ${time(found.tookMs)}`;
      if (found.ok) return `${output.paint(["green"], "ok")}  ${size}`;
      return [
        ...found.problems.map(
          ({ file, problem }) => `${output.paint(["red"], "damaged")}  ${output.safe(file)}: ${output.safe(problem)}`,
        ),
        `${plural(found.problems.length, "problem")} in ${size}. A kept generation may be whole: gennaker generations list`,
      ].join("\n");
    });
    return found.ok ? EXIT.ok : EXIT.problems;
  },
};

/** Verifies the store. Damage that keeps it from opening is a finding like any other. */
async function check(context: Context): Promise<Verification> {
  const started = performance.now();
  const line = new ProgressLine(context.output);
  try {
    const store = await context.open("read");
    try {
      return await store.verify({ signal: context.signal, progress: (report) => line.show(report) });
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof GennakerError) || error.code !== "GENNAKER_CORRUPT") throw error;
    const file = error.details["file"] ?? error.details["path"];
    return {
      ok: false,
      files: 0,
      bytes: 0,
      problems: [{ file: typeof file === "string" ? file : context.db, problem: error.message }],
      tookMs: performance.now() - started,
    };
  } finally {
    line.clear();
  }
}
