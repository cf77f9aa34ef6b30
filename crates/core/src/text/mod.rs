//! Text: analysis, postings behind [`TextIndex`], BM25F ranking. Deals in bytes and never opens a file.

pub mod analyze;
mod fold;
mod stop_words;

use std::ops::Range;

use crate::error::Result;

/// The postings of one part of a collection (a segment or a chunk of the memtable); rows count inside the part.
///
/// Postings hold every word with its positions, stop words included. Rows that were deleted later are still in them:
/// the caller knows which rows are alive.
pub trait TextIndex: Send + Sync {
    /// Appends `(row, frequency)` of `term` in `field` for rows in `rows`, rows ascending. Unknown names append nothing.
    fn postings(&self, field: &str, term: &str, rows: Range<u32>, out: &mut Vec<(u32, u32)>) -> Result<()>;

    /// Calls `visit(row, positions)` for each row in `rows` that has `term` in `field`, rows and positions ascending.
    fn positions(&self, field: &str, term: &str, rows: Range<u32>, visit: &mut dyn FnMut(u32, &[u32])) -> Result<()>;

    /// Counted words of `field` in `row`, exact (stop words and one-character words do not count); 0 when it has none.
    fn length(&self, field: &str, row: u32) -> u32;

    /// Sum of [`length`](Self::length) over `rows`, and in how many of them it is not 0.
    fn length_sum(&self, field: &str, rows: Range<u32>) -> (u64, u64);
}
