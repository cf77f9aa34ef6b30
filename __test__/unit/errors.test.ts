import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AbortError, ERROR_CODES, GennakerError } from "../../src/index.ts";

const rust = readFileSync(new URL("../../crates/core/src/error.rs", import.meta.url), "utf8");

describe("errors", () => {
  it("have the same codes in the same order in both languages", () => {
    const codes = [...rust.matchAll(/^ {4}(\w+) => "([A-Z_]+)",$/gm)].map((match) => `GENNAKER_${match[2]}`);
    expect(codes).toEqual(ERROR_CODES);
  });

  it("are retryable for the same codes in both languages", () => {
    const list = /fn is_retryable[\s\S]*?matches!\(self, ([^)]+)\)/.exec(rust)?.[1] ?? "";
    const kinds = new Map([...rust.matchAll(/^ {4}(\w+) => "([A-Z_]+)",$/gm)].map((match) => [match[1], match[2]]));
    const retryable = [...list.matchAll(/Self::(\w+)/g)].map((match) => `GENNAKER_${kinds.get(match[1])}`);
    expect(ERROR_CODES.filter((code) => new GennakerError(code, "").retryable).toSorted()).toEqual(
      retryable.toSorted(),
    );
  });

  it("carry code, details, retryable and cause", () => {
    const cause = new Error("below");
    const error = new GennakerError("GENNAKER_IO", "It broke.", { details: { path: "x" }, cause });
    expect(error).toMatchObject({
      name: "GennakerError",
      code: "GENNAKER_IO",
      details: { path: "x" },
      retryable: false,
      cause,
    });
    expect(new GennakerError("GENNAKER_IO", "It broke.")).not.toHaveProperty("cause");
    const aborted = new AbortError("why");
    expect(aborted).toBeInstanceOf(GennakerError);
    expect(aborted).toMatchObject({ name: "AbortError", code: "GENNAKER_ABORTED", cause: "why" });
  });
});
