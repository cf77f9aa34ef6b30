import { stemEnglish } from "./porter2.ts";

/** One occurrence of a term. `counted` is false for stop words and one-character words: they only serve phrases. */
export interface Token {
  readonly term: string;
  /** Counts words from 0, dropped ones included. */
  readonly position: number;
  readonly counted: boolean;
}

const STOP_WORDS = new Set(
  (
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will " +
    "with"
  ).split(" "),
);
const MAX_TERM_BYTES = 255;
const WORD = /(?!\p{M})[\p{Alphabetic}\p{N}_][\p{Alphabetic}\p{N}\p{M}_]*/gu;
const IS_WORD = /^[\p{Alphabetic}\p{N}\p{M}_]$/u;
const MARK = /^\p{M}$/u;
const VARIATION = /[\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]/gu;
/** Scripts written without spaces, and Hangul: indexed as overlapping pairs of characters. The ranges of the native engine. */
const CJK =
  /[\u1100-\u11FF\u3005-\u3007\u3041-\u312F\u3131-\u31FF\u3400-\u4DBF\u4E00-\u9FFF\uA960-\uA97F\uAC00-\uD7FF\uF900-\uFAFF\uFF66-\uFFDC\u{1AFF0}-\u{1B16F}\u{20000}-\u{3FFFF}]/u;
/** Voicing marks and the vowels and ends of Hangul syllables spelt in Jamo: part of the character before. */
const JOINS_PREVIOUS = /^[\p{M}\uFF9E\uFF9F\u1160-\u11FF\uD7B0-\uD7FF]$/u;

/** Languages that are stemmed here; `none` is served beside them. */
export const LANGUAGES: readonly string[] = ["english"];

/** The terms of a text in order of position: words folded (NFKD, marks off Latin letters, lower case) and stemmed. */
export function analyze(text: string, language: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  const emit = (term: string, counted: boolean): void => {
    if (term !== "" && Buffer.byteLength(term) <= MAX_TERM_BYTES) tokens.push({ term, position, counted });
    position += 1;
  };
  for (const [match] of text.matchAll(WORD)) {
    for (const run of splitScripts(match)) {
      if (CJK.test(run)) {
        for (const pair of pairs(run)) emit(fold(pair), true);
      } else {
        const word = fold(run);
        const counted = Array.from(word).length > 1 && !(language === "english" && STOP_WORDS.has(word));
        const isLong = Buffer.byteLength(word) > MAX_TERM_BYTES;
        emit(counted && !isLong && language === "english" ? stemEnglish(word) || word : word, counted);
      }
    }
  }
  return tokens;
}

/** Name of a token's postings: uncounted words apart, since `its` stems to `it` and counts. */
export function indexTerm(token: Token): string {
  return token.counted ? token.term : ` ${token.term}`;
}

function fold(word: string): string {
  let decomposed = "";
  let isOnAscii = false;
  for (const char of word.replace(VARIATION, "")) {
    const parts = Array.from(char.normalize("NFKD"));
    for (const part of parts.every((one) => IS_WORD.test(one)) ? parts : [char]) {
      if (MARK.test(part)) {
        if (!isOnAscii) decomposed += part;
      } else {
        isOnAscii = /^[0-9A-Za-z]$/.test(part);
        decomposed += part;
      }
    }
  }
  return decomposed.toLowerCase().normalize("NFC");
}

/** Cuts a run of word characters where CJK begins or ends; marks stay with what they follow. */
function splitScripts(run: string): string[] {
  const parts: string[] = [];
  let wasCjk: boolean | undefined;
  for (const char of run) {
    const isCjk = MARK.test(char) ? wasCjk : CJK.test(char);
    if (isCjk === wasCjk) parts[parts.length - 1] += char;
    else parts.push(char);
    wasCjk = isCjk;
  }
  return parts;
}

function pairs(run: string): string[] {
  const characters: string[] = [];
  for (const char of run) {
    if (characters.length > 0 && JOINS_PREVIOUS.test(char)) characters[characters.length - 1] += char;
    else characters.push(char);
  }
  if (characters.length < 2) return characters;
  return characters.slice(1).map((char, i) => `${characters[i]}${char}`);
}
