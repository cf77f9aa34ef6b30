import { describe, expect, it } from "vitest";
import { LibtestReader } from "../../scripts/libtest.ts";
import { closingLines, noReason, total } from "../../scripts/tally.ts";

function read(text: string, exitCode: number | null = 0) {
  const reader = new LibtestReader();
  const shown = text.split("\n").filter((line) => reader.read(line));
  return { ...reader.tally(exitCode), shown };
}

const passing = `     Running unittests src/lib.rs (target/debug/deps/kernels-1)

running 3 tests
test level::tests::detects ... ok
test tests::avx512 ... ok
test tests::slow ... ignored, needs an hour

successes:

---- tests::avx512 stdout ----
SKIP tests::avx512: this CPU has no AVX-512

successes:
    level::tests::detects
    tests::avx512

test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s
`;

describe("counting what cargo test printed", () => {
  it("moves a test that announced its own skip from passed to skipped", () => {
    const { passed, failed, skips } = read(passing);
    expect({ passed, failed }).toEqual({ passed: 1, failed: 0 });
    expect(skips).toEqual([
      { name: "src/lib.rs tests::slow", reason: "needs an hour" },
      { name: "tests::avx512", reason: "this CPU has no AVX-512" },
    ]);
  });

  it("counts a skipped part of a test on top", () => {
    const { passed, skips } = read(passing.replace("SKIP tests::avx512:", "SKIP dot at level vnni:"));
    expect(passed).toBe(2);
    expect(skips[1]).toEqual({ name: "tests::avx512 (dot at level vnni)", reason: "this CPU has no AVX-512" });
  });

  it("says when an ignored test gave no reason", () => {
    expect(read(passing.replace(", needs an hour", "")).skips[0]?.reason).toBe(noReason);
  });

  it("adds up several binaries and doc tests", () => {
    const docs = passing.replace(
      "Running unittests src/lib.rs (target/debug/deps/kernels-1)",
      "Doc-tests gennaker_core",
    );
    expect(read(passing + docs)).toMatchObject({ passed: 2, failed: 0 });
  });

  it("counts a test binary that died before its result as a failure", () => {
    const died = passing.slice(0, passing.indexOf("test result"));
    expect(read(died, 101)).toMatchObject({ failed: 1 });
    expect(read(died, 0)).toMatchObject({ failed: 1 });
  });

  it("counts a build that failed as a failure", () => {
    expect(read("error: could not compile `gennaker-core` (lib)\n", 101)).toMatchObject({ passed: 0, failed: 1 });
  });

  it("shows what failed and hides what passed, expected panics included", () => {
    const failing = passing
      .replace("test level::tests::detects ... ok", "test level::tests::detects ... FAILED")
      .replace("SKIP tests::avx512", "thread 'tests::avx512' panicked as it should\nSKIP tests::avx512")
      .replace(
        "\ntest result: ok. 2 passed; 0",
        "\nfailures:\n\nthread 'detects' panicked\n\ntest result: FAILED. 1 passed; 1",
      );
    const { shown, failed } = read(failing, 101);
    expect(shown).toContain("test level::tests::detects ... FAILED");
    expect(shown).toContain("thread 'detects' panicked");
    expect(shown.join("\n")).not.toMatch(/as it should|tests::avx512 \.\.\. ok/);
    expect(failed).toBe(1);
  });

  it("keeps what a test binary printed before it died", () => {
    const reader = new LibtestReader();
    for (const line of passing.split("\n").slice(0, 5)) reader.read(line);
    expect(reader.unfinished()).toContain("test level::tests::detects ... ok");
  });
});

it("closes with one line per skip and the counts alone on the last line", () => {
  const skips = [{ name: "neon", reason: "this is no ARM machine" }];
  const lines = closingLines(
    total([
      { passed: 3, failed: 0, skips },
      { passed: 4, failed: 1, skips: [] },
    ]),
  );
  expect(lines).toEqual(["SKIP neon: this is no ARM machine", "7 passed, 1 failed, 1 skipped"]);
});
