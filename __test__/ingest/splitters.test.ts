import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { formatOf, split } from "../../src/ingest/formats.ts";
import { MAX_LENGTH, pack, type Format } from "../../src/ingest/passage.ts";

const fixtures: readonly [string, Format][] = [
  ["guide.md", "markdown"],
  ["page.html", "html"],
  ["notes.txt", "text"],
  ["records.jsonl", "jsonl"],
  ["table.csv", "csv"],
  ["server.go", "code"],
  ["tool.py", "code"],
  ["api.d.ts.txt", "declarations"],
];

describe("splitting files by their structure", () => {
  it.each(fixtures)("%s as its golden file says", async (name, format) => {
    const content = readFileSync(new URL(`../fixtures/ingest/${name}`, import.meta.url), "utf8");
    const passages = split(format, content, name);
    await expect(`${JSON.stringify(passages, null, 2)}\n`).toMatchFileSnapshot(
      `../fixtures/ingest/${name}.golden.json`,
    );
  });

  const prose = fixtures.filter(([, format]) => format !== "jsonl" && format !== "csv");
  it.each(prose)("%s: lines are those that the words come from", (name, format) => {
    const content = readFileSync(new URL(`../fixtures/ingest/${name}`, import.meta.url), "utf8");
    const lines = content.replaceAll(/\r\n?/g, "\n").split("\n");
    for (const { text, startLine, endLine } of split(format, content, name)) {
      expect(startLine).toBeGreaterThanOrEqual(1);
      expect(endLine).toBeGreaterThanOrEqual(startLine);
      expect(endLine).toBeLessThanOrEqual(lines.length);
      const word = /[A-Za-z]{4,}/.exec(text)?.[0] ?? "";
      expect(lines.slice(startLine - 1, endLine).join("\n")).toContain(word);
    }
  });

  it("nothing comes of an empty file", () => {
    for (const [name, format] of fixtures) {
      expect(split(format, "", name)).toEqual([]);
      expect(split(format, "\n \n\n", name)).toEqual([]);
    }
  });

  it("long prose is cut at paragraphs, longer ones at lines and spaces, and no word is lost", () => {
    const words = Array.from({ length: 4000 }, (_, i) => `w${i}`);
    for (const separator of ["\n\n", "\n", " "]) {
      const passages = split("text", words.join(separator), "a.txt");
      expect(passages.length).toBeGreaterThan(5);
      expect(Math.max(...passages.map(({ text }) => text.length))).toBeLessThanOrEqual(MAX_LENGTH + 1);
      expect(passages.flatMap(({ text }) => text.split(/\s+/))).toEqual(words);
    }
  });

  it("a word longer than a passage is cut between characters", () => {
    const passages = pack([{ text: "😀".repeat(MAX_LENGTH), startLine: 1, endLine: 1 }], []);
    expect(passages.every(({ text }) => text.isWellFormed() && text.length <= MAX_LENGTH)).toBe(true);
    expect(passages.map(({ text }) => text).join("")).toBe("😀".repeat(MAX_LENGTH));
  });

  it("hostile files cost no more than their length", () => {
    const started = performance.now();
    const hostile = ["[", "<", "<a ", "![", "{", "/**", '"', "```", "(", "&#", "<!--", "#", "* "];
    for (const text of hostile) {
      for (const [name, format] of fixtures) {
        if (format !== "jsonl") split(format, text.repeat(100_000 / text.length), name);
      }
    }
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it("a line of JSONL that is no JSON is named", () => {
    expect(() => split("jsonl", '{"a":1}\n{oops', "a.jsonl")).toThrow(/line 2 is no JSON/);
  });

  it("formats go by the name", () => {
    expect(formatOf("README.md")).toBe("markdown");
    expect(formatOf("README")).toBe("text");
    expect(formatOf("index.d.ts")).toBe("declarations");
    expect(formatOf("index.d.cts")).toBe("declarations");
    expect(formatOf("INDEX.TS")).toBe("code");
    expect(formatOf("a.ndjson")).toBe("jsonl");
    expect(formatOf("photo.png")).toBeUndefined();
    expect(formatOf("Makefile")).toBeUndefined();
  });
});
