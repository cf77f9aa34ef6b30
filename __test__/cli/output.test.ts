import { afterEach, describe, expect, it, vi } from "vitest";
import { escape, escapeLines } from "../../src/cli/escape.ts";
import { hitLines } from "../../src/cli/hits.ts";
import { Output } from "../../src/cli/output.ts";
import { lineOf, Meter, ProgressLine } from "../../src/cli/progress.ts";
import { pairs, table } from "../../src/cli/table.ts";
import { bytes, count, plural, time } from "../../src/cli/units.ts";

function recorder(isTTY: boolean, columns = 100) {
  const texts: string[] = [];
  return { texts, write: (text: string) => texts.push(text), isTTY, columns };
}
const output = (isTTY: boolean, isJson = false): Output => new Output(recorder(isTTY), recorder(isTTY), isJson);

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("stored text on a terminal", () => {
  it("cannot steer it", () => {
    expect(escape("a\u001B[31mred\u0007\r\n\u009B2J")).toBe(String.raw`a\e[31mred\u{0007}\r\n\u{009b}2J`);
    expect(escape("user\u202Egnp.exe\u2066\u200B")).toBe(String.raw`user\u{202e}gnp.exe\u{2066}\u{200b}`);
    expect(escape("\uD800x")).toBe(String.raw`\u{d800}x`);
    expect(escape("naïve 😀 日本")).toBe("naïve 😀 日本");
    expect(escapeLines("a\n\tb\u001B]0;x\u0007")).toBe(`a\n    b\\e]0;x\\u{0007}`);
  });

  it("is escaped in every part of a hit", () => {
    const evil = "\u001B]2;owned\u0007 word";
    const hit = {
      id: evil,
      score: 1,
      scores: { text: 1 },
      text: { title: evil, body: evil },
      metadata: { path: evil },
    };
    const lines = hitLines(hit, 1, "word", output(false)).join("\n");
    const controls = Array.from(lines).filter((char) => char < " " && char !== "\n");
    expect(controls).toEqual([]);
    expect(lines.match(/\\e\]2;owned/g)).toHaveLength(3);
  });
});

describe("a hit", () => {
  const hit = {
    id: "a.md#x",
    score: 0.5,
    scores: { vector: 0.25, text: 3 },
    text: { title: "Abort", body: `${"filler ".repeat(100)}an aborted call ${"more ".repeat(100)}` },
    metadata: { path: "a.md", startLine: 12 },
  };

  it("shows place, the scores of both legs, and the part of the text that answers", () => {
    const lines = hitLines(hit, 3, "abort", output(false));
    expect(lines[0]).toBe(" 3.  0.500  Abort");
    expect(lines[1]).toBe("     a.md:12  vector 0.250  text 3.000");
    expect(lines.slice(2).join(" ")).toContain("aborted call");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it("marks the words of the query where colours are wanted", () => {
    vi.stubEnv("NO_COLOR", "");
    vi.stubEnv("FORCE_COLOR", undefined);
    vi.stubEnv("TERM", "xterm");
    expect(hitLines(hit, 1, "abort", output(true)).join("\n")).toContain("\u001B[");
    vi.stubEnv("NO_COLOR", "1");
    expect(hitLines(hit, 1, "abort", output(true)).join("\n")).not.toContain("\u001B[");
  });
});

describe("output", () => {
  it("prints one JSON value with vectors as arrays, and an error only when there was no answer", () => {
    const stdout = recorder(false);
    const json = new Output(stdout, recorder(false), true);
    json.note("silent");
    json.answer({ vector: new Float32Array([1, 0.5]) }, () => "human");
    json.fail(new Error("later"));
    expect(stdout.texts).toEqual(['{"vector":[1,0.5]}\n']);
  });

  it("aligns tables by what is seen", () => {
    const rows = [
      ["\u001B[1ma\u001B[22m", "1"],
      ["long", "1000"],
    ];
    expect(table([{ title: "name" }, { title: "n", isRight: true }], rows)).toBe(
      "name     n\n\u001B[1ma\u001B[22m        1\nlong  1000",
    );
    expect(
      pairs([
        ["a", "x"],
        ["long", ""],
      ]),
    ).toBe("a     x\nlong");
  });

  it("says sizes and times in words", () => {
    expect([count(1234567), plural(1, "hit"), plural(2, "hit")]).toEqual(["1,234,567", "1 hit", "2 hits"]);
    expect([bytes(0), bytes(999), bytes(1500), bytes(2.5e15)]).toEqual(["0 B", "999 B", "1.5 kB", "2500.0 TB"]);
    expect([time(0.1234), time(42.4), time(4242), time(125_000)]).toEqual(["0.12 ms", "42 ms", "4.2 s", "2 min 5 s"]);
  });
});

describe("progress", () => {
  it("tells rate and time left", () => {
    const report = { phase: "reading", done: 340, total: 1200, rate: 210.4, etaMs: 4100 };
    expect(lineOf(report, "files")).toBe("reading  340 of 1,200 files  28 %  210/s  4.1 s left");
    expect(lineOf({ phase: "x\u001B", done: 5, rate: 0 })).toBe("x\\e  5");
    const { done, total, rate, etaMs } = new Meter("m", 10).at(5, 0.5);
    expect([done, total]).toEqual([5, 10]);
    expect(rate).toBeGreaterThan(0);
    expect(etaMs).toBeGreaterThanOrEqual(0);
  });

  it("is written to a terminal only, and taken away", () => {
    for (const isTTY of [true, false]) {
      const stderr = recorder(isTTY, 30);
      const line = new ProgressLine(new Output(recorder(isTTY), stderr, false));
      line.show({ phase: "a long phase of many words", done: 1, total: 9, rate: 1 });
      line.show({ phase: "too soon", done: 2, rate: 1 });
      line.clear();
      line.clear();
      expect(stderr.texts).toEqual(isTTY ? ["\r\u001B[2Ka long phase of many words  1", "\r\u001B[2K"] : []);
    }
  });
});
