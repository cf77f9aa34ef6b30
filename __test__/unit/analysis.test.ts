import { describe, expect, it } from "vitest";
import { analyze, LANGUAGES } from "../../src/stores/memory/text/analyze.ts";
import { stemEnglish } from "../../src/stores/memory/text/porter2.ts";
import { fixture } from "../fixtures.ts";

interface Case {
  readonly language: string;
  readonly text: string;
  readonly tokens: readonly { term: string; counted: boolean; position: number }[];
}

describe("analysis", () => {
  const served = (fixture("analysis") as Case[]).filter(({ language }) => [...LANGUAGES, "none"].includes(language));
  it.each(served)("cuts $text in $language", ({ language, text, tokens }) => {
    expect(analyze(text, language)).toEqual(tokens);
  });

  it("stems English as Snowball does", () => {
    const { stems } = fixture("stems") as { stems: Record<string, string> };
    const wrong = Object.entries(stems).filter(([word, stem]) => stemEnglish(word) !== stem);
    expect(wrong).toEqual([]);
    expect(Object.keys(stems).length).toBeGreaterThan(1000);
  });
});
