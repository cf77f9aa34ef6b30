//! From text to terms: the one analysis that indexing, querying and the built-in embedder share.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use rust_stemmers::{Algorithm, Stemmer};

use super::fold::{fold, is_cjk, is_mark, is_word, joins_previous};
use super::stop_words;
use crate::error::{Error, ErrorKind, Result};

/// Longer terms (in bytes of UTF-8) are dropped; their position stays empty.
pub const MAX_TERM_BYTES: usize = 255;

const LANGUAGES: [(&str, Algorithm); 18] = [
    ("arabic", Algorithm::Arabic),
    ("danish", Algorithm::Danish),
    ("dutch", Algorithm::Dutch),
    ("english", Algorithm::English),
    ("finnish", Algorithm::Finnish),
    ("french", Algorithm::French),
    ("german", Algorithm::German),
    ("greek", Algorithm::Greek),
    ("hungarian", Algorithm::Hungarian),
    ("italian", Algorithm::Italian),
    ("norwegian", Algorithm::Norwegian),
    ("portuguese", Algorithm::Portuguese),
    ("romanian", Algorithm::Romanian),
    ("russian", Algorithm::Russian),
    ("spanish", Algorithm::Spanish),
    ("swedish", Algorithm::Swedish),
    ("tamil", Algorithm::Tamil),
    ("turkish", Algorithm::Turkish),
];

/// The language of text that has none: no stemming, no stop words.
pub const NO_LANGUAGE: &str = "none";

/// One occurrence of a term in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// The folded word, stemmed when `counted`.
    pub term: &'a str,
    /// Counts words (and pairs of CJK characters) from 0, dropped ones included.
    pub position: u32,
    /// First byte of the word in the text.
    pub start: usize,
    /// The byte after the word in the text.
    pub end: usize,
    /// `false` for stop words and words of one character: they serve phrases and count in no length.
    pub counted: bool,
}

impl Token<'_> {
    /// The name under which an index keeps this occurrence: the term, with a space before it when it does not count.
    ///
    /// The space keeps the stop word `it` apart from `its`, which stems to `it` and counts; no term begins with one.
    pub fn index_term(&self, out: &mut String) {
        out.clear();
        if !self.counted {
            out.push(' ');
        }
        out.push_str(self.term);
    }
}

/// Turns text into terms for one language.
///
/// A word is a run of letters, marks, digits and `_`; it is folded (compatibility forms, accents on Latin letters,
/// case) and stemmed by Snowball. Runs of Han, Kana and Hangul become overlapping pairs of characters, a lone
/// character stays.
pub struct Analyzer {
    language: &'static str,
    stemmer: Option<Stemmer>,
    stop_words: bool,
    /// Stems met so far. A stem costs about 300 ns, and nearly every word of a text was met before.
    stems: Mutex<HashMap<Box<str>, Box<str>>>,
}

/// Words whose stems an analyzer remembers; about 2 MB.
const MAX_STEMS: usize = 32_768;

impl Analyzer {
    /// Every language with a stemmer, by its English name in lower case, sorted.
    pub fn languages() -> impl Iterator<Item = &'static str> {
        LANGUAGES.iter().map(|(name, _)| *name)
    }

    /// The analyzer of `language`: one of [`languages`](Self::languages), or [`NO_LANGUAGE`].
    ///
    /// # Errors
    /// `InvalidSchema` for any other name; the message lists the known ones.
    pub fn for_language(language: &str) -> Result<Self> {
        if language == NO_LANGUAGE {
            return Ok(Self { language: NO_LANGUAGE, stemmer: None, stop_words: false, stems: Mutex::default() });
        }
        let Some(&(language, algorithm)) = LANGUAGES.iter().find(|(name, _)| *name == language) else {
            let known: Vec<&str> = Self::languages().chain([NO_LANGUAGE]).collect();
            return Err(Error::new(
                ErrorKind::InvalidSchema,
                format!("unknown text language {language:?}. Use one of: {}.", known.join(", ")),
            )
            .with("language", language)
            .with("known", known));
        };
        let stemmer = Some(Stemmer::create(algorithm));
        Ok(Self { language, stemmer, stop_words: language == "english", stems: Mutex::default() })
    }

    /// The name it was made for.
    #[must_use]
    pub fn language(&self) -> &'static str {
        self.language
    }

    /// Calls `emit` for every term of `text` in order of position. O(bytes).
    pub fn tokens(&self, text: &str, emit: &mut dyn FnMut(Token<'_>)) {
        let (mut scratch, mut stem) = (String::new(), String::new());
        let mut position = 0;
        let mut at = 0;
        while let Some((start, end, cjk)) = next_run(text, at) {
            if cjk {
                pairs(&text[start..end], start, &mut position, &mut scratch, emit);
            } else {
                self.word(&text[start..end], start, position, (&mut scratch, &mut stem), emit);
                position += 1;
            }
            at = end;
        }
    }

    /// Every counted term of `text` with its number of occurrences, sorted by term.
    #[must_use]
    pub fn term_counts(&self, text: &str) -> Vec<(String, u32)> {
        let mut counts: HashMap<String, u32> = HashMap::new();
        self.tokens(text, &mut |token| {
            if token.counted {
                match counts.get_mut(token.term) {
                    Some(count) => *count += 1,
                    None => drop(counts.insert(token.term.to_owned(), 1)),
                }
            }
        });
        let mut sorted: Vec<_> = counts.into_iter().collect();
        sorted.sort_unstable();
        sorted
    }

    fn word(
        &self,
        word: &str,
        start: usize,
        position: u32,
        (scratch, stem): (&mut String, &mut String),
        emit: &mut dyn FnMut(Token<'_>),
    ) {
        scratch.clear();
        fold(word, scratch);
        if scratch.is_empty() || scratch.len() > MAX_TERM_BYTES {
            return;
        }
        let counted = scratch.chars().nth(1).is_some() && !(self.stop_words && stop_words::is_english(scratch));
        let token = Token { term: scratch, position, start, end: start + word.len(), counted };
        match &self.stemmer {
            Some(stemmer) if counted => {
                self.stem(stemmer, scratch, stem);
                emit(Token { term: if stem.is_empty() { scratch } else { stem }, ..token });
            }
            _ => emit(token),
        }
    }

    /// Puts the stem of `word` into `out`.
    fn stem(&self, stemmer: &Stemmer, word: &str, out: &mut String) {
        out.clear();
        let mut stems = self.stems.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stem) = stems.get(word) {
            out.push_str(stem);
            return;
        }
        out.push_str(&stemmer.stem(word));
        if stems.len() < MAX_STEMS {
            stems.insert(word.into(), out.as_str().into());
        }
    }
}

impl fmt::Debug for Analyzer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Analyzer({})", self.language)
    }
}

/// The next run of word characters of one kind at or after byte `from`: start, end, and whether it is CJK.
fn next_run(text: &str, from: usize) -> Option<(usize, usize, bool)> {
    let mut chars = text[from..].char_indices();
    let (start, first) = chars.find(|&(_, c)| is_word(c) && !is_mark(c))?;
    let cjk = is_cjk(first);
    let end = chars.find(|&(_, c)| !is_word(c) || (is_cjk(c) != cjk && !is_mark(c)));
    Some((from + start, end.map_or(text.len(), |(offset, _)| from + offset), cjk))
}

/// Emits the overlapping pairs of a CJK run, or its only character. A character that others join is one.
fn pairs(run: &str, offset: usize, position: &mut u32, scratch: &mut String, emit: &mut dyn FnMut(Token<'_>)) {
    let mut starts: Vec<usize> =
        run.char_indices().filter(|&(at, c)| at == 0 || !joins_previous(c)).map(|(at, _)| at).collect();
    let characters = starts.len();
    starts.push(run.len());
    for first in 0..characters.saturating_sub(1).max(1) {
        let (start, end) = (starts[first], starts[(first + 2).min(characters)]);
        scratch.clear();
        fold(&run[start..end], scratch);
        if scratch.len() <= MAX_TERM_BYTES {
            let (start, end) = (offset + start, offset + end);
            emit(Token { term: scratch, position: *position, start, end, counted: true });
        }
        *position += 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn terms(language: &str, text: &str) -> Vec<(String, u32, bool)> {
        let mut out = Vec::new();
        let analyzer = Analyzer::for_language(language).unwrap();
        analyzer.tokens(text, &mut |token| out.push((token.term.to_owned(), token.position, token.counted)));
        out
    }

    fn owned(expected: &[(&str, u32, bool)]) -> Vec<(String, u32, bool)> {
        expected.iter().map(|&(term, position, counted)| (term.to_owned(), position, counted)).collect()
    }

    #[test]
    fn words_are_folded_stemmed_and_stop_words_marked() {
        assert_eq!(
            terms("english", "The quick-witted user's get_user_names, running (C)!"),
            owned(&[
                ("the", 0, false),
                ("quick", 1, true),
                ("wit", 2, true),
                ("user", 3, true),
                ("s", 4, false),
                ("get_user_nam", 5, true),
                ("run", 6, true),
                ("c", 7, false),
            ])
        );
        assert_eq!(terms("none", "The Houses"), owned(&[("the", 0, true), ("houses", 1, true)]));
        assert_eq!(terms("german", "Häuser"), owned(&[("haus", 0, true)]));
    }

    #[test]
    fn a_stop_word_is_kept_apart_from_a_word_with_its_stem() {
        let mut names = Vec::new();
        Analyzer::for_language("english").unwrap().tokens("its it", &mut |token| {
            let mut name = String::new();
            token.index_term(&mut name);
            names.push(name);
        });
        assert_eq!(names, ["it", " it"]);
    }

    #[test]
    fn cjk_runs_become_pairs() {
        assert_eq!(
            terms("english", "東京都のtower 3月"),
            owned(&[
                ("東京", 0, true),
                ("京都", 1, true),
                ("都の", 2, true),
                ("tower", 3, true),
                ("3", 4, false),
                ("月", 5, true),
            ])
        );
        assert_eq!(terms("none", "한국어"), owned(&[("한국", 0, true), ("국어", 1, true)]));
        assert_eq!(terms("none", "ｶﾞｷﾞ"), owned(&[("ガギ", 0, true)]));
    }

    #[test]
    fn marks_alone_are_no_word_and_long_words_keep_their_position() {
        assert_eq!(terms("none", "❤\u{FE0F} 1\u{FE0F}\u{20E3} 😀"), owned(&[("1", 0, false)]));
        let long = "x".repeat(MAX_TERM_BYTES + 1);
        assert_eq!(terms("english", &format!("aa {long} bb")), owned(&[("aa", 0, true), ("bb", 2, true)]));
    }

    #[test]
    fn unknown_language_names_the_known_ones() {
        let error = Analyzer::for_language("klingon").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSchema);
        assert!(error.message().contains("klingon") && error.message().contains("english"));
    }

    #[test]
    fn term_counts_are_sorted_and_counted_words_only() {
        let analyzer = Analyzer::for_language("english").unwrap();
        let counts = analyzer.term_counts("the zebra and a cat, cats C");
        assert_eq!(counts, [("cat".to_owned(), 2), ("zebra".to_owned(), 1)]);
    }

    proptest! {
        #[test]
        fn any_text_in_any_language_gives_ordered_tokens(text in "\\PC{0,60}|[a-zäöüßéèçğıøåæаеиоуяίάέσςإلوا' _]{0,40}") {
            for language in Analyzer::languages().chain([NO_LANGUAGE]) {
                let mut next = 0;
                Analyzer::for_language(language).unwrap().tokens(&text, &mut |token| {
                    assert!(token.position >= next && token.start < token.end && !token.term.is_empty());
                    assert!(text.is_char_boundary(token.start) && text.is_char_boundary(token.end));
                    next = token.position + 1;
                });
            }
        }
    }
}
