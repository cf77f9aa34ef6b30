//! The best `n` of many scored rows: by score, ties by ascending id. A row is checked against the filter only when its
//! score would place it, so a filter of selectivity σ costs about n · ln(rows / n) / σ checks.

use std::cmp::Ordering;

use super::scope::{At, Scope};
use crate::error::Result;

/// A selection that is filled row by row.
pub struct Ranking<'a, 'b> {
    scope: &'a Scope<'b>,
    n: usize,
    best: Vec<(f64, At)>,
    floor: f64,
}

impl<'a, 'b> Ranking<'a, 'b> {
    /// An empty selection of `n` rows.
    pub fn new(scope: &'a Scope<'b>, n: usize) -> Self {
        Self { scope, n, best: Vec::new(), floor: f64::NEG_INFINITY }
    }

    /// Scores below this cannot be among the best any more.
    #[must_use]
    pub fn floor(&self) -> f64 {
        self.floor
    }

    /// Considers a row.
    pub fn offer(&mut self, score: f64, at: At) -> Result<()> {
        if self.scope.admits(at)? {
            self.best.push((score, at));
            if self.best.len() >= 2 * self.n.max(64) {
                self.cut()?;
            }
        }
        Ok(())
    }

    /// The best rows, best first.
    pub fn finish(mut self) -> Result<Vec<(f64, At)>> {
        self.cut()?;
        sort(self.scope, &mut self.best)?;
        Ok(self.best)
    }

    fn cut(&mut self) -> Result<()> {
        if self.best.len() > self.n {
            let mut failed = None;
            self.best.select_nth_unstable_by(self.n, |a, b| order(self.scope, a, b, &mut failed));
            self.best.truncate(self.n);
            self.floor = self.best.iter().map(|(score, _)| *score).fold(f64::INFINITY, f64::min);
            failed.map_or(Ok(()), Err)?;
        }
        Ok(())
    }
}

/// Sorts best first, ties by ascending id.
pub fn sort(scope: &Scope<'_>, rows: &mut [(f64, At)]) -> Result<()> {
    let mut failed = None;
    rows.sort_unstable_by(|a, b| order(scope, a, b, &mut failed));
    failed.map_or(Ok(()), Err)
}

fn order(scope: &Scope<'_>, a: &(f64, At), b: &(f64, At), failed: &mut Option<crate::error::Error>) -> Ordering {
    b.0.total_cmp(&a.0).then_with(|| match (scope.id(a.1), scope.id(b.1)) {
        (Ok(a), Ok(b)) => a.cmp(b),
        (Err(error), _) | (_, Err(error)) => {
            *failed = Some(error);
            Ordering::Equal
        }
    })
}
