//! Text: analysis, postings behind [`TextIndex`], BM25F ranking. Deals in bytes and never opens a file.
//!
//! A text becomes terms ([`analyze`]); the terms of many rows become a sealed index ([`writer`], [`index`]) or postings
//! in memory ([`memory`]); a query ([`query`]) is scored over any number of such parts as if they were one ([`bm25`]).

pub mod analyze;
pub mod bm25;
mod directory;
mod fold;
pub mod index;
pub mod lengths;
pub mod memory;
mod phrase;
pub mod query;
mod stop_words;
pub mod writer;

use std::ops::Range;

/// The bytes of one section: a slice of something that stays where it is (a memory map, a `Vec<u8>`), cheap to clone
/// and to cut.
pub use tantivy::directory::OwnedBytes as SectionBytes;

use crate::error::Result;
use lengths::Lengths;

/// The postings of one part of a collection (a segment or a chunk of the memtable); rows count inside the part.
///
/// Postings hold every word with its positions. Words that do not count (stop words, words of one character) are kept
/// apart from those that do: terms are those of [`analyze::Token::index_term`]. Rows that were deleted later are still
/// in the postings: the caller knows which rows are alive.
pub trait TextIndex: Send + Sync {
    /// Appends `(row, frequency)` of `term` in `field` for rows in `rows`, rows ascending. Unknown names append nothing.
    fn postings(&self, field: &str, term: &str, rows: Range<u32>, out: &mut Vec<(u32, u32)>) -> Result<()>;

    /// Calls `visit(row, positions)` for each of `rows` (ascending) that has `term` in `field`, positions ascending.
    fn positions(&self, field: &str, term: &str, rows: &[u32], visit: &mut dyn FnMut(u32, &[u32])) -> Result<()>;

    /// The counted words of `field` in every row, exact; empty for a field that no row of this part can have.
    fn lengths(&self, field: &str) -> Lengths<'_>;
}
