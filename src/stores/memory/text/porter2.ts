/**
 * The Snowball English stemmer (Porter2), as published at snowballstem.org before version 3 and built into `rust-stemmers`,
 * so that both engines cut words alike. Input: one lower-case word.
 */
export function stemEnglish(word: string): string {
  if (word.length <= 2) return word;
  const special = EXCEPTIONS.get(word);
  if (special !== undefined) return special;
  let w = word.startsWith("'") ? word.slice(1) : word;
  w = w.replace(/^y/, "Y").replace(/([aeiouy])y/g, "$1Y");
  const [r1, r2] = regions(w);
  w = step1a(step0(w));
  if (INVARIANT_AFTER_1A.has(w)) return w;
  w = step1c(step1b(w, r1));
  w = step4(step3(step2(w, r1), r1, r2), r2);
  return step5(w, r1, r2).replaceAll("Y", "y");
}

const EXCEPTIONS = new Map([
  ["skis", "ski"],
  ["skies", "sky"],
  ["dying", "die"],
  ["lying", "lie"],
  ["tying", "tie"],
  ["idly", "idl"],
  ["gently", "gentl"],
  ["ugly", "ugli"],
  ["early", "earli"],
  ["only", "onli"],
  ["singly", "singl"],
  ["sky", "sky"],
  ["news", "news"],
  ["howe", "howe"],
  ["atlas", "atlas"],
  ["cosmos", "cosmos"],
  ["bias", "bias"],
  ["andes", "andes"],
]);
const INVARIANT_AFTER_1A = new Set([
  "inning",
  "outing",
  "canning",
  "herring",
  "earring",
  "proceed",
  "exceed",
  "succeed",
]);
const DOUBLE = /(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/;

/** Starts of R1 and R2: after the first non-vowel that follows a vowel, and the same again. */
function regions(w: string): [number, number] {
  const prefix = /^(?:gener|commun|arsen)/.exec(w);
  const r1 = prefix ? prefix[0].length : after(w, 0);
  return [r1, after(w, r1)];
}

function after(w: string, from: number): number {
  const found = /[aeiouy][^aeiouy]/.exec(w.slice(from));
  return found ? from + found.index + 2 : w.length;
}

/** A short syllable at the end: vowel between non-vowels (the last not w, x, Y), or a vowel and a non-vowel that are the word. */
function endsShort(w: string): boolean {
  return /[^aeiouy][aeiouy][^aeiouywxY]$/.test(w) || /^[aeiouy][^aeiouy]$/.test(w);
}

function step0(w: string): string {
  return w.replace(/(?:'s'|'s|')$/, "");
}

function step1a(w: string): string {
  if (w.endsWith("sses")) return w.slice(0, -2);
  if (/ie[ds]$/.test(w)) return w.slice(0, w.length > 4 ? -2 : -1);
  if (/(?:us|ss)$/.test(w)) return w;
  return /[aeiouy].+s$/.test(w) ? w.slice(0, -1) : w;
}

function step1b(w: string, r1: number): string {
  const eed = /eed(?:ly)?$/.exec(w);
  if (eed) return eed.index >= r1 ? `${w.slice(0, eed.index)}ee` : w;
  const found = /(?:ed|edly|ing|ingly)$/.exec(w);
  if (!found) return w;
  const stem = w.slice(0, found.index);
  if (!/[aeiouy]/.test(stem)) return w;
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (DOUBLE.test(stem)) return stem.slice(0, -1);
  return stem.length <= r1 && endsShort(stem) ? `${stem}e` : stem;
}

function step1c(w: string): string {
  return /.[^aeiouy][yY]$/.test(w) ? `${w.slice(0, -1)}i` : w;
}

type Rule = readonly [suffix: string, replacement: string];

const STEP2: readonly Rule[] = [
  ["ational", "ate"],
  ["fulness", "ful"],
  ["iveness", "ive"],
  ["ization", "ize"],
  ["ousness", "ous"],
  ["biliti", "ble"],
  ["lessli", "less"],
  ["tional", "tion"],
  ["alism", "al"],
  ["aliti", "al"],
  ["ation", "ate"],
  ["entli", "ent"],
  ["fulli", "ful"],
  ["iviti", "ive"],
  ["ousli", "ous"],
  ["abli", "able"],
  ["alli", "al"],
  ["anci", "ance"],
  ["ator", "ate"],
  ["enci", "ence"],
  ["izer", "ize"],
  ["bli", "ble"],
  ["ogi", "og"],
  ["li", ""],
];
const STEP3: readonly Rule[] = [
  ["ational", "ate"],
  ["tional", "tion"],
  ["alize", "al"],
  ["ative", ""],
  ["icate", "ic"],
  ["iciti", "ic"],
  ["ical", "ic"],
  ["ness", ""],
  ["ful", ""],
];
const STEP4 = [
  "ement",
  "able",
  "ance",
  "ence",
  "ible",
  "ment",
  "ant",
  "ate",
  "ent",
  "ion",
  "ism",
  "iti",
  "ive",
  "ize",
  "ous",
  "al",
  "er",
  "ic",
];

function step2(w: string, r1: number): string {
  const rule = STEP2.find(([suffix]) => w.endsWith(suffix));
  if (!rule) return w;
  const [suffix, replacement] = rule;
  const stem = w.slice(0, -suffix.length);
  if (stem.length < r1) return w;
  if (suffix === "ogi" && !stem.endsWith("l")) return w;
  if (suffix === "li" && !/[cdeghkmnrt]$/.test(stem)) return w;
  return stem + replacement;
}

function step3(w: string, r1: number, r2: number): string {
  const rule = STEP3.find(([suffix]) => w.endsWith(suffix));
  if (!rule) return w;
  const [suffix, replacement] = rule;
  const stem = w.slice(0, -suffix.length);
  if (stem.length < r1 || (suffix === "ative" && stem.length < r2)) return w;
  return stem + replacement;
}

function step4(w: string, r2: number): string {
  const suffix = STEP4.find((end) => w.endsWith(end));
  if (suffix === undefined) return w;
  const stem = w.slice(0, -suffix.length);
  if (stem.length < r2 || (suffix === "ion" && !/[st]$/.test(stem))) return w;
  return stem;
}

function step5(w: string, r1: number, r2: number): string {
  const stem = w.slice(0, -1);
  if (w.endsWith("e")) return stem.length >= r2 || (stem.length >= r1 && !endsShort(stem)) ? stem : w;
  return w.endsWith("ll") && stem.length >= r2 ? stem : w;
}
