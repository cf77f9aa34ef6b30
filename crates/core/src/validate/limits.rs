//! The limits that users meet, in one place.

use crate::error::{Error, ErrorKind};

/// Components per vector.
pub const MAX_DIMENSION: u32 = 4_096;
/// Bytes of UTF-8 in an id, a namespace, or the name of a text or metadata field.
pub const MAX_NAME_BYTES: usize = 1_024;
/// Bytes of a document's metadata as JSON text.
pub const MAX_METADATA_BYTES: usize = 1 << 20;
/// Levels of arrays and objects in metadata; the metadata object is the first.
pub const MAX_METADATA_DEPTH: usize = 32;
/// Bytes of text per document, all its fields together.
pub const MAX_TEXT_BYTES: usize = 16 << 20;
/// Documents in one batch.
pub const MAX_BATCH_DOCUMENTS: usize = 100_000;
/// Bytes of ids, vectors, text and metadata in one batch.
pub const MAX_BATCH_BYTES: usize = 256 << 20;
/// Metadata fields of one collection.
pub const MAX_METADATA_FIELDS: usize = 1_024;
/// Text fields of one collection.
pub const MAX_TEXT_FIELDS: usize = 1_024;
/// The largest magnitude of an `int`: from here on, JavaScript's numbers skip whole numbers.
pub const MAX_INT: u64 = 1 << 53;

/// `LimitExceeded` with both values; `way_out` is a clause such as "split the batch".
pub(super) fn exceeded(what: &str, limit: usize, actual: usize, way_out: &str) -> Error {
    Error::new(ErrorKind::LimitExceeded, format!("{what} may be at most {limit}, not {actual}; {way_out}"))
        .with("limit", limit)
        .with("actual", actual)
}
