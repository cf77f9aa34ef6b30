import { writeFileSync } from "node:fs";
import type { Reporter, TestCase, TestModule } from "vitest/node";
import { noReason, type Skip, type Tally } from "./tally.ts";

/**
 * vitest reporter that writes a {@link Tally} to the file named by GENNAKER_TALLY.
 *
 * vitest's own JSON has no reasons. A test gives one by `context.skip("reason")` or `context.skip(condition, "reason")`;
 * a test or `describe` that is skipped by `skipIf` gives one as `{ meta: { skip: "reason" } }`.
 */
export default class TallyReporter implements Reporter {
  /** Counts the tests of one run; modules and hooks that failed without a failed test count as one failure each. */
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    const skips: Skip[] = [];
    for (const module of modules) {
      let failedHere = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed += 1;
        else if (state === "failed") failedHere += 1;
        else skips.push({ name: `${module.relativeModuleId} > ${test.fullName}`, reason: reasonOf(test) });
      }
      if (failedHere === 0 && module.state() === "failed") failedHere = 1;
      failed += failedHere;
    }
    const path = process.env["GENNAKER_TALLY"];
    if (path !== undefined) writeFileSync(path, JSON.stringify({ passed, failed, skips } satisfies Tally));
  }
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  if (result.state === "skipped" && result.note !== undefined && result.note !== "") return result.note;
  const meta = test.meta() as { skip?: unknown };
  return typeof meta.skip === "string" ? meta.skip : noReason;
}
