//! Runs of rows that never change: segments on disk and chunks of the memtable, both behind [`Rows`].
//!
//! One row numbering serves vectors, text, metadata and documents. Rows of one namespace are neighbours, so a query bound
//! to a namespace looks at one range. Which rows were deleted later is not known here: the collection's state keeps that.

pub mod chunk;
pub mod docs;
pub mod format;
pub mod memtable;
pub mod reader;
pub mod writer;

use std::ops::Range;

use crate::document::{Document, Key};
use crate::error::Result;
use crate::text::TextIndex;
use crate::vector::VectorColumn;

/// A row of a segment or chunk.
pub type DocId = u32;

/// An immutable run of rows, in memory or in a file.
pub trait Rows: Send + Sync {
    /// How many rows there are, dead ones included.
    fn len(&self) -> u32;

    /// Whether there is no row.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Namespaces in ascending byte order with their rows.
    fn namespaces(&self) -> Vec<(&str, Range<DocId>)>;

    /// The rows of one namespace; empty when it has none here.
    fn rows_of(&self, namespace: &str) -> Range<DocId>;

    /// The row of `key`, dead or alive. `hash` is [`Key::hash`].
    fn find(&self, key: &Key, hash: u64) -> Result<Option<DocId>>;

    /// The id of a row. `row < len()`.
    fn id(&self, row: DocId) -> Result<&str>;

    /// The sequence of the batch that wrote the row.
    fn sequence(&self, row: DocId) -> u64;

    /// The largest sequence of any row; 0 without rows.
    fn max_sequence(&self) -> u64;

    /// The metadata as JSON text; `None` when the document has none.
    fn metadata(&self, row: DocId) -> Result<Option<&str>>;

    /// The whole document, as it was written.
    fn document(&self, row: DocId) -> Result<Document>;

    /// Raw vectors of all rows; `None` when no row has one.
    fn vectors(&self) -> Option<VectorColumn<'_>>;

    /// Postings of all text fields; `None` when no row has text.
    fn text(&self) -> Option<&dyn TextIndex>;

    /// Calls `visit(hash, row)` in ascending (hash, row) order until it returns `false`.
    fn by_hash(&self, visit: &mut dyn FnMut(u64, DocId) -> bool);
}
