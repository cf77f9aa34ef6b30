//! Characters: which make words, and one spelling for those that look alike.

use std::iter::once;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Whether words are made of `c`: Unicode property Alphabetic, categories N and M, and `_`.
pub(super) fn is_word(c: char) -> bool {
    if c.is_ascii() { c == '_' || c.is_ascii_alphanumeric() } else { c.is_alphanumeric() || is_combining_mark(c) }
}

/// Whether `c` only follows other characters: a word cannot begin with it (emoji carry such marks).
pub(super) fn is_mark(c: char) -> bool {
    !c.is_ascii() && is_combining_mark(c)
}

/// Scripts written without spaces between words: Han, Hiragana, Katakana, Bopomofo, and Hangul, whose words carry
/// their endings with them. Ranges, not script properties, so that every Unicode version agrees.
const CJK: [(u32, u32); 12] = [
    (0x1100, 0x11FF),   // Hangul Jamo
    (0x3005, 0x3007),   // 々 〆 〇
    (0x3041, 0x312F),   // Hiragana, Katakana, Bopomofo
    (0x3131, 0x31FF),   // Hangul compatibility Jamo, Bopomofo and Katakana extensions
    (0x3400, 0x4DBF),   // Han extension A
    (0x4E00, 0x9FFF),   // Han
    (0xA960, 0xA97F),   // Hangul Jamo extended A
    (0xAC00, 0xD7FF),   // Hangul syllables, Jamo extended B
    (0xF900, 0xFAFF),   // Han compatibility
    (0xFF66, 0xFFDC),   // half-width Katakana and Hangul
    (0x1AFF0, 0x1B16F), // Kana supplements
    (0x20000, 0x3FFFF), // further Han
];

/// Whether `c` belongs to a script that is indexed as pairs of characters.
pub(super) fn is_cjk(c: char) -> bool {
    let c = u32::from(c);
    c >= CJK[0].0 && CJK.iter().any(|&(first, last)| (first..=last).contains(&c))
}

/// Whether `c` is written into the character before it: a voicing mark, or the vowel or end of a Hangul syllable
/// spelt in Jamo. A pair of characters never tears them apart.
pub(super) fn joins_previous(c: char) -> bool {
    is_mark(c) || matches!(u32::from(c), 0xFF9E | 0xFF9F | 0x1160..=0x11FF | 0xD7B0..=0xD7FF)
}

/// Variation selectors choose a glyph, not a character.
fn is_variation_selector(c: char) -> bool {
    matches!(u32::from(c), 0xFE00..=0xFE0F | 0xE0100..=0xE01EF)
}

/// Appends the folded form of `word` to `out`: compatibility forms resolved (NFKD), marks on ASCII letters and digits
/// dropped, lower case, everything else composed (NFC), so marks that carry meaning (Hangul, Devanagari, Thai) stay.
///
/// A character whose decomposition would leave the word (`½` holds a slash) stays as it is.
pub(super) fn fold(word: &str, out: &mut String) {
    if word.is_ascii() {
        out.extend(word.bytes().map(|byte| char::from(byte.to_ascii_lowercase())));
        return;
    }
    let mut decomposed = String::with_capacity(word.len());
    let mut on_ascii = false;
    let mut parts = Vec::with_capacity(4);
    for c in word.chars().filter(|&c| !is_variation_selector(c)) {
        parts.clear();
        decompose_compatible(c, |part| parts.push(part));
        if !parts.iter().all(|&part| is_word(part)) {
            parts.splice(.., once(c));
        }
        for &part in &parts {
            if is_mark(part) {
                if !on_ascii {
                    decomposed.push(part);
                }
            } else {
                on_ascii = part.is_ascii_alphanumeric();
                decomposed.push(part);
            }
        }
    }
    out.extend(decomposed.to_lowercase().nfc());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(word: &str) -> String {
        let mut out = String::new();
        fold(word, &mut out);
        out
    }

    #[test]
    fn latin_loses_marks_and_other_scripts_keep_them() {
        assert_eq!(folded("Ärger"), "arger");
        assert_eq!(folded("A\u{308}rger"), "arger");
        assert_eq!(folded("Ti\u{1EBF}ng"), "tieng");
        assert_eq!(folded("İSTANBUL"), "istanbul");
        assert_eq!(folded("ＡＢＣ１２"), "abc12");
        assert_eq!(folded("ﬁne"), "fine");
        assert_eq!(folded("ℌ"), "h");
        assert_eq!(folded("Straße"), "straße");
        assert_eq!(folded("Русский"), "русский");
        assert_eq!(folded("हिन्दी"), "हिन्दी");
        assert_eq!(folded("ภาษาไทย"), "ภาษาไทย");
        assert_eq!(folded("½"), "½");
    }

    #[test]
    fn one_spelling_for_composed_and_decomposed() {
        assert_eq!(folded("\u{1112}\u{1161}\u{11AB}"), "한");
        assert_eq!(folded("ｶﾞ"), "ガ");
        assert_eq!(folded("か\u{3099}"), "が");
        assert_eq!(folded("葛\u{E0100}"), "葛");
        assert_eq!(folded("ΟΔΟΣ"), "οδος");
    }

    #[test]
    fn scripts() {
        for c in ['漢', 'ひ', 'カ', 'ー', 'ㄅ', '한', 'ᄒ', 'ｶ', '𠀀'] {
            assert!(is_cjk(c) && is_word(c), "{c}");
        }
        for c in ['a', 'й', 'ก', 'ह', '🅰', '1'] {
            assert!(!is_cjk(c), "{c}");
        }
        assert!(!is_word('・') && !is_word('、') && !is_word('😀') && !is_word('-') && !is_word('.'));
    }
}
