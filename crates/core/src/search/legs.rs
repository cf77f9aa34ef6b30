//! The legs: each scores documents by one kind of evidence.

use std::collections::HashMap;

use super::rank::Ranking;
use super::scope::{At, Scope};
use crate::document::Metric;
use crate::error::Result;
use crate::text::bm25::{self, Scored};
use crate::text::query::{Clause, TextQuery};
use crate::vector::flat;

/// Documents whose vector scores tell how scores spread for a query.
const SAMPLE: usize = 1024;

/// Exact scores of all rows for one query vector.
pub struct VectorLeg {
    metric: Metric,
    query: Vec<f32>,
    /// By part: scores of the part's range, NaN without a vector; `None` when no row of the part has one.
    scores: Vec<Option<Vec<f32>>>,
}

impl VectorLeg {
    /// Scans all parts. `query`: finite, of the collection's dimension, not zero under cosine.
    pub fn run(scope: &Scope<'_>, query: &[f32]) -> Result<Self> {
        let metric = scope.collection.schema.metric;
        let query = flat::prepare(metric, query);
        let mut scores = Vec::with_capacity(scope.parts.len());
        for part in &scope.parts {
            let column = part.rows.vectors().filter(|column| column.dimension == query.len());
            scores.push(match column {
                Some(column) => {
                    let scores = flat::scan(&column, part.range.clone(), metric, &query, scope.cancelled);
                    Some(scores.ok_or_else(Scope::aborted)?)
                }
                None => None,
            });
        }
        Ok(Self { metric, query, scores })
    }

    /// The score of a row, `None` when it has no vector.
    #[must_use]
    pub fn score(&self, scope: &Scope<'_>, at: At) -> Option<f64> {
        let start = scope.parts[at.part as usize].range.start;
        let score = self.scores[at.part as usize].as_ref()?[(at.row - start) as usize];
        (!score.is_nan()).then(|| f64::from(score))
    }

    /// The best `n` documents.
    pub fn propose(&self, scope: &Scope<'_>, n: usize) -> Result<Vec<(f64, At)>> {
        let mut ranking = Ranking::new(scope, n);
        for (part, scores) in self.scores.iter().enumerate() {
            let start = scope.parts[part].range.start;
            for (row, score) in scores.iter().flatten().enumerate() {
                // NaN compares as false, so rows without a vector fall out here too.
                if f64::from(*score) >= ranking.floor() {
                    ranking.offer(f64::from(*score), At { part: part as u32, row: start + row as u32 })?;
                }
            }
        }
        ranking.finish()
    }

    /// Mean and standard deviation of the score over the 1,024 live documents with the smallest key hash, so that they are
    /// the same for any split into parts (FUSION.md). `None` without vectors.
    pub fn spread(&self, scope: &Scope<'_>) -> Option<(f64, f64)> {
        let mut sample: Vec<(u64, At)> = Vec::new();
        for (part, live) in scope.parts.iter().enumerate() {
            let mut left = SAMPLE;
            live.rows.by_hash(&mut |hash, row| {
                if live.range.contains(&row) && !live.dead.contains(row) {
                    sample.push((hash, At { part: part as u32, row }));
                    left -= 1;
                }
                left > 0
            });
        }
        sample.sort_unstable_by_key(|(hash, _)| *hash);
        sample.truncate(SAMPLE);
        let scores: Vec<f64> = sample.into_iter().filter_map(|(_, at)| self.score(scope, at)).collect();
        if scores.is_empty() {
            return None;
        }
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        let variance = scores.iter().map(|score| (score - mean) * (score - mean)).sum::<f64>() / scores.len() as f64;
        Some((mean, variance.sqrt()))
    }

    /// The scanned query.
    #[must_use]
    pub fn query(&self) -> (&[f32], Metric) {
        (&self.query, self.metric)
    }
}

/// BM25 scores of all rows for one query text.
pub struct TextLeg {
    scored: Scored,
    /// Index into `scored.parts` by part of the scope.
    index: Vec<Option<usize>>,
}

impl TextLeg {
    /// Scores all parts with one set of statistics: those of the live documents in the scope.
    pub fn run(scope: &Scope<'_>, query: &TextQuery) -> Result<Self> {
        let mut parts = Vec::new();
        let mut index = Vec::with_capacity(scope.parts.len());
        for live in &scope.parts {
            // A part without text still counts as documents, so it takes part with an index that has no postings.
            index.push(Some(parts.len()));
            let text = live.rows.text().unwrap_or(&NO_TEXT);
            parts.push(bm25::Part { index: text, rows: live.range.clone(), dead: Some(live.dead) });
        }
        let scored = bm25::score(&parts, &scope.collection.schema.text, query, scope.cancelled)?;
        Ok(Self { scored, index })
    }

    /// The score of a row, 0 when no word matches.
    #[must_use]
    pub fn score(&self, at: At) -> f64 {
        self.index[at.part as usize].map_or(0.0, |part| self.scored.parts[part].score_of(at.row))
    }

    /// The largest score that the query could have, U(q); 0 when no word is known.
    #[must_use]
    pub fn upper_bound(&self) -> f64 {
        self.scored.upper_bound
    }

    /// The best `n` documents that match.
    pub fn propose(&self, scope: &Scope<'_>, n: usize) -> Result<Vec<(f64, At)>> {
        let mut ranking = Ranking::new(scope, n);
        for (part, index) in self.index.iter().enumerate() {
            let Some(scores) = index.map(|index| &self.scored.parts[index]) else { continue };
            for (&row, &score) in scores.rows.iter().zip(&scores.scores) {
                if score >= ranking.floor() {
                    ranking.offer(score, At { part: part as u32, row })?;
                }
            }
        }
        ranking.finish()
    }

    /// In how many documents each word of the query is.
    #[must_use]
    pub fn document_frequencies(&self) -> HashMap<&str, u64> {
        let mut frequencies = HashMap::new();
        for scored in &self.scored.terms {
            for clause in scored.term.0.iter().flatten() {
                if let Clause::Word(word) = clause {
                    frequencies.insert(word.as_str(), scored.df);
                }
            }
        }
        frequencies
    }
}

static NO_TEXT: NoText = NoText;

/// Postings of rows without text.
struct NoText;

impl crate::text::TextIndex for NoText {
    fn postings(&self, _: &str, _: &str, _: std::ops::Range<u32>, _: &mut Vec<(u32, u32)>) -> Result<()> {
        Ok(())
    }

    fn positions(&self, _: &str, _: &str, _: &[u32], _: &mut dyn FnMut(u32, &[u32])) -> Result<()> {
        Ok(())
    }

    fn lengths(&self, _: &str) -> crate::text::lengths::Lengths<'_> {
        crate::text::lengths::Lengths::new(&[])
    }
}
