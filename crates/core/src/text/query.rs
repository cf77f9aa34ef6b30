//! What a person typed, and the terms that it asks each field for.

use std::collections::BTreeMap;

use super::analyze::Analyzer;
use crate::document::TextField;
use crate::error::{Error, ErrorKind, Result};

/// Longest query in bytes of UTF-8.
pub const MAX_QUERY_BYTES: usize = 64 << 10;

/// A query with more distinct terms is answered by this many of them: the rarest.
pub const MAX_TERMS: usize = 1024;

/// Words and quoted phrases, not analysed yet. Nothing that a person can type is a syntax error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextQuery {
    words: Vec<String>,
    phrases: Vec<String>,
}

impl TextQuery {
    /// Reads words and `"quoted phrases"`; a quote without a partner is nothing.
    ///
    /// # Errors
    /// `LimitExceeded` for more than [`MAX_QUERY_BYTES`].
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > MAX_QUERY_BYTES {
            return Err(Error::new(
                ErrorKind::LimitExceeded,
                format!("query text has {} bytes, at most {MAX_QUERY_BYTES} are allowed. Shorten it.", text.len()),
            )
            .with("bytes", text.len())
            .with("limit", MAX_QUERY_BYTES));
        }
        let mut query = Self::default();
        let pieces: Vec<&str> = text.split('"').collect();
        for (at, piece) in pieces.iter().enumerate() {
            let quoted = at % 2 == 1 && at + 1 < pieces.len();
            let into = if quoted { &mut query.phrases } else { &mut query.words };
            into.push((*piece).to_owned());
        }
        Ok(query)
    }

    /// The terms that the query asks of `fields`, each field in its language; sorted, none twice.
    ///
    /// Words that do not count (stop words, one character) are left out unless the query has nothing else; phrases
    /// keep them.
    ///
    /// # Errors
    /// `InvalidSchema` for an unknown language.
    pub fn analyse(&self, fields: &[TextField]) -> Result<AnalysedQuery> {
        let mut languages: Vec<String> = Vec::new();
        for field in fields {
            if !languages.contains(&field.language) {
                languages.push(field.language.clone());
            }
        }
        // Words and phrases cut the same way in every language, so what they become lines up by place.
        let mut words: BTreeMap<(usize, u32), QueryTerm> = BTreeMap::new();
        let mut phrases: BTreeMap<usize, QueryTerm> = BTreeMap::new();
        for (language, name) in languages.iter().enumerate() {
            let analyzer = Analyzer::for_language(name)?;
            for (at, text) in self.phrases.iter().enumerate() {
                if let Some(clause) = phrase(&analyzer, text) {
                    phrases.entry(at).or_insert_with(|| QueryTerm::none(languages.len())).0[language] = Some(clause);
                }
            }
            let mut found: Vec<((usize, u32), String, bool)> = Vec::new();
            for (at, text) in self.words.iter().enumerate() {
                analyzer.tokens(text, &mut |token| {
                    let mut term = String::new();
                    token.index_term(&mut term);
                    found.push(((at, token.position), term, token.counted));
                });
            }
            let nothing_else = phrases.is_empty() && found.iter().all(|(_, _, counted)| !counted);
            for (at, term, _) in found.into_iter().filter(|(_, _, counted)| *counted || nothing_else) {
                words.entry(at).or_insert_with(|| QueryTerm::none(languages.len())).0[language] =
                    Some(Clause::Word(term));
            }
        }
        let mut terms: Vec<QueryTerm> = words.into_values().chain(phrases.into_values()).collect();
        terms.sort_unstable();
        terms.dedup();
        Ok(AnalysedQuery { languages, terms })
    }
}

fn phrase(analyzer: &Analyzer, text: &str) -> Option<Clause> {
    let mut terms: Vec<(String, u32)> = Vec::new();
    let mut first = None;
    analyzer.tokens(text, &mut |token| {
        let mut term = String::new();
        token.index_term(&mut term);
        terms.push((term, token.position - *first.get_or_insert(token.position)));
    });
    match terms.len() {
        0 => None,
        1 => terms.pop().map(|(term, _)| Clause::Word(term)),
        _ => Some(Clause::Phrase(terms)),
    }
}

/// What one word or phrase of a query asks of an index; names of terms as in
/// [`Token::index_term`](super::analyze::Token::index_term).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clause {
    /// One term.
    Word(String),
    /// At least two terms, each with its distance from the first.
    Phrase(Vec<(String, u32)>),
}

/// One word or phrase in every language of the query, in the order of [`AnalysedQuery::languages`]; `None` where it
/// does not count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueryTerm(pub Vec<Option<Clause>>);

impl QueryTerm {
    fn none(languages: usize) -> Self {
        Self(vec![None; languages])
    }
}

/// A query after analysis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnalysedQuery {
    /// The languages of the searched fields.
    pub languages: Vec<String>,
    /// Sorted, none twice.
    pub terms: Vec<QueryTerm>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, language: &str) -> TextField {
        TextField { name: name.to_owned(), weight: 1.0, language: language.to_owned() }
    }

    fn word(term: &str) -> Option<Clause> {
        Some(Clause::Word(term.to_owned()))
    }

    fn english(text: &str) -> Vec<QueryTerm> {
        TextQuery::parse(text).unwrap().analyse(&[field("text", "english")]).unwrap().terms
    }

    #[test]
    fn words_are_sorted_distinct_and_without_stop_words() {
        let expected = vec![QueryTerm(vec![word("cat")]), QueryTerm(vec![word("run")])];
        assert_eq!(english("the running cats: Run, cat -C"), expected);
    }

    #[test]
    fn a_query_of_words_that_do_not_count_is_asked_all_the_same() {
        assert_eq!(english("The C"), [QueryTerm(vec![word(" c")]), QueryTerm(vec![word(" the")])]);
        assert_eq!(english("\"the\""), [QueryTerm(vec![word(" the")])]);
        let the_phrase = vec![(" the".to_owned(), 0), ("hous".to_owned(), 1)];
        assert_eq!(english("it \"the house\""), [QueryTerm(vec![Some(Clause::Phrase(the_phrase))])]);
    }

    #[test]
    fn phrases_keep_distances_and_stray_quotes_are_nothing() {
        let long = "x".repeat(300);
        let phrase = vec![("one".to_owned(), 0), ("two".to_owned(), 2)];
        assert_eq!(english(&format!("\"{long} one {long} two\"")), [QueryTerm(vec![Some(Clause::Phrase(phrase))])]);
        assert_eq!(english("5\" disk drive"), english("drive disk 5"));
        assert_eq!(english("\"\" \""), []);
    }

    #[test]
    fn one_word_in_two_languages_is_one_term() {
        let fields = [field("title", "english"), field("body", "none"), field("more", "english")];
        let query = TextQuery::parse("the houses").unwrap().analyse(&fields).unwrap();
        assert_eq!(query.languages, ["english", "none"]);
        assert_eq!(query.terms, [QueryTerm(vec![None, word("the")]), QueryTerm(vec![word("hous"), word("houses")])]);
    }

    #[test]
    fn a_long_query_is_refused() {
        assert!(TextQuery::parse(&"x".repeat(MAX_QUERY_BYTES)).is_ok());
        let error = TextQuery::parse(&"x".repeat(MAX_QUERY_BYTES + 1)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    }
}
