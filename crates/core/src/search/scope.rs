//! What a search may see: the live rows of one namespace, under a filter.

use serde_json::Value;

use crate::document::Schema;
use crate::error::{Error, ErrorKind, Result};
use crate::filter::Filter;
use crate::generation::state::{Collection, LivePart};
use crate::segment::{DocId, Rows};

/// A row of a part of the scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct At {
    /// The part.
    pub part: u32,
    /// The row in it.
    pub row: u32,
}

/// What every leg looks at.
pub struct Scope<'a> {
    /// The collection.
    pub collection: &'a Collection,
    /// Its parts in one namespace, oldest first.
    pub parts: Vec<LivePart<'a>>,
    /// Only documents that match are proposed.
    pub filter: Option<&'a Filter>,
    /// Polled.
    pub cancelled: &'a dyn Fn() -> bool,
}

impl<'a> Scope<'a> {
    /// All live documents of a namespace.
    pub fn new(
        collection: &'a Collection,
        namespace: &'a str,
        filter: Option<&'a Filter>,
        cancelled: &'a dyn Fn() -> bool,
    ) -> Self {
        Self { collection, parts: collection.parts(Some(namespace)), filter, cancelled }
    }

    /// Whether a row may be a hit.
    pub fn admits(&self, at: At) -> Result<bool> {
        let part = &self.parts[at.part as usize];
        if part.dead.contains(at.row) {
            return Ok(false);
        }
        match self.filter {
            Some(filter) => row_matches(part.rows, at.row, filter, &self.collection.schema),
            None => Ok(true),
        }
    }

    /// The id of a row.
    pub fn id(&self, at: At) -> Result<&str> {
        self.parts[at.part as usize].rows.id(at.row)
    }

    pub(super) fn aborted() -> Error {
        Error::new(ErrorKind::Aborted, "the search was aborted")
    }
}

/// Whether the metadata of a row matches.
///
/// # Errors
/// `Corrupt` when the stored metadata is not JSON.
pub fn row_matches(rows: &dyn Rows, row: DocId, filter: &Filter, schema: &Schema) -> Result<bool> {
    let metadata = match rows.metadata(row)? {
        Some(json) => serde_json::from_str(json)
            .map_err(|error| Error::corrupt("metadata", format_args!("document {:?}: {error}", rows.id(row))))?,
        None => Value::Null,
    };
    Ok(filter.matches(&metadata, schema))
}
