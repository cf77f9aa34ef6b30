import { noReason, type Skip, type Tally } from "./tally.ts";

// Written by `cargo test -- --show-output`: without it libtest swallows what a passing test prints, skip lines included.
const running = /^\s*(?:Running (?:unittests )?(\S+) \(|Doc-tests (\S+))/;
const ignored = /^test (.+) \.\.\. ignored(?:, (.+))?$/;
const section = /^---- (.+) stdout ----$/;
const skipLine = /^SKIP (.+?): (.+)$/;
const result = /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/;

/**
 * Reads what `cargo test` prints, line by line, and says which lines a person needs.
 *
 * A Rust test announces a skip in one of two ways. `#[ignore = "reason"]` skips it always. A test that finds at run time
 * that it cannot run here prints `SKIP <name>: <reason>` and returns: when `<name>` is the test's own name it counts as
 * skipped and no longer as passed, any other name is a part of a test (one SIMD level of several) and is counted on top.
 */
export class LibtestReader {
  #binary = "";
  #test = "";
  #passed = 0;
  #failed = 0;
  #open = false;
  #isFailures = false;
  #held: string[] = [];
  readonly #skips: Skip[] = [];

  /** Takes one line; returns true when it should be shown to the person at the terminal. */
  read(line: string): boolean {
    const started = running.exec(line);
    if (started !== null) {
      this.#binary = started[1] ?? started[2] ?? "";
      this.#test = "";
      return true;
    }
    if (/^running \d+ tests?$/.test(line)) {
      this.#open = true;
      this.#isFailures = false;
      this.#held = [];
      return false;
    }
    const counted = result.exec(line);
    if (counted !== null) {
      this.#open = false;
      this.#passed += Number(counted[1]);
      this.#failed += Number(counted[2]);
      return true;
    }
    const skipped = ignored.exec(line);
    if (skipped !== null) {
      this.#skips.push({ name: `${this.#binary} ${skipped[1]}`, reason: skipped[2] ?? noReason });
      return false;
    }
    const headline = section.exec(line);
    if (headline !== null) this.#test = headline[1] ?? "";
    const announced = skipLine.exec(line);
    if (announced !== null) {
      const [, name = "", reason = ""] = announced;
      const isWholeTest = this.#test === name || this.#test.endsWith(`::${name}`);
      if (isWholeTest) this.#passed -= 1;
      this.#skips.push({ name: isWholeTest ? this.#test : `${this.#test} (${name})`, reason });
      return false;
    }
    if (!this.#open) return true;
    // what passing tests print, panics that they expect included, comes before this line; what failed ones print, after it
    if (line === "failures:") this.#isFailures = true;
    this.#held.push(line);
    return this.#isFailures || line.endsWith(" ... FAILED") || line.endsWith("for over 60 seconds");
  }

  /** What the last test binary printed, when it died before it could say a result. */
  unfinished(): readonly string[] {
    return this.#open ? this.#held : [];
  }

  /** The counts. `exitCode` is cargo's: a test binary that crashed prints no result, and must not pass for one without tests. */
  tally(exitCode: number | null): Tally {
    const crashed = this.#open || (exitCode !== 0 && this.#failed === 0);
    return { passed: this.#passed, failed: this.#failed + (crashed ? 1 : 0), skips: this.#skips };
  }
}
