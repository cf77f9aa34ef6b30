//! BM25F over any number of parts, exactly as if they were one.
//!
//! tf' = Σ weight · tf / n over fields, n = 1 − b + b · length / average length; score = Σ idf · tf' / (tf' + k1) over
//! terms, idf = ln(1 + (N − df + ½) / (df + ½)). Robertson, Zaragoza, Taylor: Simple BM25 extension to multiple
//! weighted fields (CIKM 2004). All counts are those of living rows, all sums run in one order (terms sorted, fields as
//! given), so scores do not depend, in any bit, on how documents lie in parts or which rows died where.

use std::ops::Range;

use roaring::RoaringBitmap;

use super::lengths::Lengths;
use super::query::{AnalysedQuery, Clause, MAX_TERMS, QueryTerm, TextQuery};
use super::{TextIndex, phrase};
use crate::document::TextField;
use crate::error::{Error, ErrorKind, Result};

/// Saturation of term frequency.
pub const K1: f64 = 1.2;
/// How much length counts against a document.
pub const B: f64 = 0.75;

/// Some rows of an index that take part in a search.
pub struct Part<'a> {
    /// Their postings.
    pub index: &'a dyn TextIndex,
    /// Rows of the index that the search sees.
    pub rows: Range<u32>,
    /// Those of them that were deleted; numbers outside `rows` are ignored.
    pub dead: Option<&'a RoaringBitmap>,
}

/// The scores of one part: every living row that has a term of the query.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PartScores {
    /// Rows of the index, ascending.
    pub rows: Vec<u32>,
    /// The score of each row, above 0.
    pub scores: Vec<f64>,
}

impl PartScores {
    /// The score of `row`, 0 when it does not match. O(log rows).
    #[must_use]
    pub fn score_of(&self, row: u32) -> f64 {
        self.rows.binary_search(&row).map_or(0.0, |at| self.scores[at])
    }
}

/// What one word or phrase of the query contributed.
#[derive(Debug, Clone, PartialEq)]
pub struct TermScore {
    /// The word or phrase.
    pub term: QueryTerm,
    /// Living rows that have it in any field.
    pub df: u64,
    /// Its inverse document frequency.
    pub idf: f64,
    /// The largest impact that it has in any living row.
    pub max_impact: f64,
}

/// The answer of the text leg.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scored {
    /// Scores by part, in the order of the parts.
    pub parts: Vec<PartScores>,
    /// U(q): the sum of every term's largest impact, which no score exceeds; 0 when no living row has any term.
    pub upper_bound: f64,
    /// The terms that some living row has, sorted; their impacts were added in this order.
    pub terms: Vec<TermScore>,
}

/// Scores every living row of `parts` against `query`. O(postings of its terms), plus 8 bytes per row of a part with a
/// match. `cancel` is asked before each term.
///
/// Fields whose weight is not above 0 are not searched. N is the number of living rows of all parts.
///
/// # Errors
/// `Aborted` when `cancel` says so, `InvalidSchema` for a field with an unknown language, `Corrupt` from an index.
pub fn score(parts: &[Part<'_>], fields: &[TextField], query: &TextQuery, cancel: &dyn Fn() -> bool) -> Result<Scored> {
    let fields: Vec<TextField> = fields.iter().filter(|field| field.weight > 0.0).cloned().collect();
    let AnalysedQuery { languages, mut terms } = query.analyse(&fields)?;
    let search = Search::new(parts, &fields, &languages);
    if terms.len() > MAX_TERMS {
        terms = rarest(&search, terms, cancel)?;
    }
    let mut accumulators: Vec<Accumulator> = parts.iter().map(|_| Accumulator::default()).collect();
    let mut scored = Scored::default();
    for term in terms {
        let matches = search.matches(&term, cancel)?;
        let df: u64 = matches.iter().map(|rows| rows.len() as u64).sum();
        if df == 0 {
            continue;
        }
        let (n, count) = (search.rows as f64, df as f64);
        let idf = libm::log(1.0 + (n - count + 0.5) / (count + 0.5));
        let mut max_impact = 0.0f64;
        for ((rows, part), accumulator) in matches.iter().zip(parts).zip(&mut accumulators) {
            for &(row, tf) in rows {
                let impact = idf * tf / (tf + K1);
                max_impact = max_impact.max(impact);
                accumulator.add(row, impact, &part.rows);
            }
        }
        scored.upper_bound += max_impact;
        scored.terms.push(TermScore { term, df, idf, max_impact });
    }
    scored.parts = accumulators.into_iter().zip(parts).map(|(sums, part)| sums.finish(part.rows.start)).collect();
    Ok(scored)
}

/// The [`MAX_TERMS`] terms with the smallest df above 0, sorted; ties go to the smaller term.
fn rarest(search: &Search<'_>, terms: Vec<QueryTerm>, cancel: &dyn Fn() -> bool) -> Result<Vec<QueryTerm>> {
    let mut by_df = Vec::with_capacity(terms.len());
    for term in terms {
        let df: usize = search.matches(&term, cancel)?.iter().map(Vec::len).sum();
        if df > 0 {
            by_df.push((df, term));
        }
    }
    by_df.sort_unstable();
    by_df.truncate(MAX_TERMS);
    let mut kept: Vec<QueryTerm> = by_df.into_iter().map(|(_, term)| term).collect();
    kept.sort_unstable();
    Ok(kept)
}

/// What is the same for all terms.
struct Search<'a> {
    parts: Vec<LivePart<'a>>,
    fields: Vec<SearchField<'a>>,
    /// Living rows.
    rows: u64,
}

struct LivePart<'a> {
    part: &'a Part<'a>,
    /// One bit per row of `part.rows`; empty when all live.
    dead: Vec<u64>,
    /// By field.
    lengths: Vec<Lengths<'a>>,
}

struct SearchField<'a> {
    field: &'a TextField,
    /// Index into the languages of the query.
    language: usize,
    /// Over living rows with counted words; 0 when there is none.
    average_length: f64,
}

impl<'a> Search<'a> {
    fn new(parts: &'a [Part<'a>], fields: &'a [TextField], languages: &[String]) -> Self {
        let mut rows = 0;
        let mut sums = vec![(0u64, 0u64); fields.len()];
        let parts: Vec<LivePart<'a>> = parts.iter().map(|part| LivePart::new(part, fields)).collect();
        for LivePart { part, dead, lengths } in &parts {
            rows += part.rows.len() as u64;
            for (sum, lengths) in sums.iter_mut().zip(lengths) {
                let (words, rows_with_words) = lengths.sum(part.rows.clone());
                *sum = (sum.0.saturating_add(words), sum.1.saturating_add(rows_with_words));
            }
            // Saturating, because stored prefix sums may be damaged; honest ones never get there.
            for row in set_bits(dead).map(|bit| bit + part.rows.start) {
                rows -= 1;
                for (sum, lengths) in sums.iter_mut().zip(lengths) {
                    let length = lengths.get(row);
                    *sum = (sum.0.saturating_sub(length.into()), sum.1.saturating_sub(u64::from(length > 0)));
                }
            }
        }
        let fields = fields.iter().zip(sums).map(|(field, (words, rows))| SearchField {
            field,
            language: languages.iter().position(|name| *name == field.language).expect("languages are the fields'"),
            average_length: if rows == 0 { 0.0 } else { words as f64 / rows as f64 },
        });
        Self { fields: fields.collect(), parts, rows }
    }

    /// For each part the living rows that have `term`, ascending, with tf'.
    fn matches(&self, term: &QueryTerm, cancel: &dyn Fn() -> bool) -> Result<Vec<Vec<(u32, f64)>>> {
        if cancel() {
            return Err(Error::new(ErrorKind::Aborted, "the search was aborted by its caller"));
        }
        let mut found = Vec::new();
        self.parts.iter().map(|part| self.matches_in(part, term, &mut found)).collect()
    }

    fn matches_in(
        &self,
        live: &LivePart<'_>,
        term: &QueryTerm,
        found: &mut Vec<(u32, u32)>,
    ) -> Result<Vec<(u32, f64)>> {
        let mut rows = Vec::new();
        for (searched, lengths) in self.fields.iter().zip(&live.lengths) {
            let (index, range) = (live.part.index, live.part.rows.clone());
            found.clear();
            match &term.0[searched.language] {
                None => continue,
                Some(Clause::Word(word)) => index.postings(&searched.field.name, word, range, found)?,
                Some(Clause::Phrase(words)) => {
                    phrase::occurrences(index, &searched.field.name, words, range, found)?;
                }
            }
            let weighted = found.iter().filter(|(row, _)| live.lives(*row)).map(|&(row, frequency)| {
                let norm = searched.norm(lengths.get(row));
                (row, searched.field.weight * f64::from(frequency) / norm)
            });
            rows = if rows.is_empty() { weighted.collect() } else { add_sorted(&rows, weighted) };
        }
        Ok(rows)
    }
}

impl SearchField<'_> {
    /// A row without counted words has 1 - b, also when no row has any.
    fn norm(&self, length: u32) -> f64 {
        1.0 - B + if length > 0 { B * f64::from(length) / self.average_length } else { 0.0 }
    }
}

impl<'a> LivePart<'a> {
    fn new(part: &'a Part<'a>, fields: &[TextField]) -> Self {
        let mut dead = Vec::new();
        if let Some(rows) = part.dead.filter(|_| !part.rows.is_empty()) {
            for row in rows.range(part.rows.clone()) {
                dead.resize(part.rows.len().div_ceil(64), 0);
                set_bit(&mut dead, row - part.rows.start);
            }
        }
        let lengths = fields.iter().map(|field| part.index.lengths(&field.name)).collect();
        Self { part, dead, lengths }
    }

    fn lives(&self, row: u32) -> bool {
        let bit = row - self.part.rows.start;
        self.dead.is_empty() || self.dead[bit as usize / 64] >> (bit % 64) & 1 == 0
    }
}

/// Sums of impacts by row, and which rows have one.
#[derive(Default)]
struct Accumulator {
    sums: Vec<f64>,
    touched: Vec<u64>,
}

impl Accumulator {
    fn add(&mut self, row: u32, impact: f64, rows: &Range<u32>) {
        if self.sums.is_empty() {
            self.sums = vec![0.0; rows.len()];
            self.touched = vec![0; rows.len().div_ceil(64)];
        }
        let at = row - rows.start;
        self.sums[at as usize] += impact;
        set_bit(&mut self.touched, at);
    }

    fn finish(self, start: u32) -> PartScores {
        let at: Vec<u32> = set_bits(&self.touched).collect();
        let scores = at.iter().map(|&at| self.sums[at as usize]).collect();
        PartScores { rows: at.into_iter().map(|at| start + at).collect(), scores }
    }
}

fn set_bit(words: &mut [u64], bit: u32) {
    words[bit as usize / 64] |= 1 << (bit % 64);
}

fn set_bits(words: &[u64]) -> impl Iterator<Item = u32> {
    words.iter().zip((0u32..).step_by(64)).flat_map(|(&word, base)| {
        let mut left = word;
        std::iter::from_fn(move || {
            let bit = (left != 0).then(|| left.trailing_zeros())?;
            left &= left - 1;
            Some(base + bit)
        })
    })
}

/// Two lists sorted by row as one; rows of both are added, the first list's value first.
fn add_sorted(first: &[(u32, f64)], second: impl Iterator<Item = (u32, f64)>) -> Vec<(u32, f64)> {
    let mut out = Vec::with_capacity(first.len());
    let mut first = first.iter().copied().peekable();
    for (row, value) in second {
        while let Some(earlier) = first.next_if(|&(other, _)| other < row) {
            out.push(earlier);
        }
        let same = first.next_if(|&(other, _)| other == row);
        out.push((row, same.map_or(value, |(_, before)| before + value)));
    }
    out.extend(first);
    out
}
