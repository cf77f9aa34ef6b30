//! Predicates over metadata: data that is parsed once and then asked row by row, with one meaning everywhere.
//!
//! - `{ field: value }` is equality; several fields, or several operators on a field, must all hold. `{}` matches all.
//! - Fields are found by [`lookup`](crate::document::json::lookup): a key equal to the whole name, else walking at dots.
//! - Values of different types are never equal and never ordered; there is no coercion. `null` equals only `null`.
//!   Numbers compare as `f64`, strings by UTF-8 bytes, fields declared `date` by instant. Nothing else has an order:
//!   `$gt $gte $lt $lte` are false on booleans, `null`, arrays and objects.
//! - Arrays and objects are equal when all they hold is; key order does not count. `{ tags: "x" }` is not true of a
//!   field that holds `["x"]`: that is `{ tags: { $contains: "x" } }`, true when some element of an array is equal.
//! - A field that a document does not have fails every operator but `$ne`, `$nin` and `$exists: false`. A field that
//!   holds `null` exists.
//! - `$in: []` matches nothing; `$and: []` and `$or: []` are refused, since a list that came out empty by accident must
//!   not become "everything" in a delete.

mod evaluate;
mod parse;
mod predicate;
mod values;

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::document::Schema;
use crate::error::{Error, ErrorKind, Result};
use predicate::Predicate;

/// Levels of filters inside filters; the outermost is the first.
pub const MAX_DEPTH: usize = 32;
/// Operators on fields, `$and`, `$or`, `$not` and `{}` in one filter.
pub const MAX_NODES: usize = 1_024;
/// Values in one `$in` or `$nin`.
pub const MAX_IN_VALUES: usize = 1_000_000;

/// A parsed filter; cheap to clone.
#[derive(Clone)]
pub struct Filter(Arc<Parsed>);

struct Parsed {
    source: Value,
    nodes: Vec<Node>,
}

/// The tree in pre-order: a join is followed by its children, which end before `end`.
enum Node {
    Join { join: Join, end: usize },
    Test(Predicate),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    All,
    Any,
    Not,
}

impl Filter {
    /// Reads a filter from its JSON form.
    ///
    /// # Errors
    /// `LimitExceeded` (details `limit`, `actual`) above [`MAX_DEPTH`], [`MAX_NODES`] or [`MAX_IN_VALUES`];
    /// `Unsupported` for `$near`; `InvalidFilter` (details `operator`, `field`, where there are some) for the rest.
    pub fn parse(value: &Value) -> Result<Self> {
        Ok(Self(Arc::new(Parsed { nodes: parse::nodes(value)?, source: value.clone() })))
    }

    /// The JSON form, equal to what was parsed.
    #[must_use]
    pub fn to_json(&self) -> &Value {
        &self.0.source
    }

    /// Whether every document matches, as `{}` does.
    #[must_use]
    pub fn matches_everything(&self) -> bool {
        matches!(self.0.nodes.as_slice(), [Node::Join { join: Join::All, .. }])
    }

    /// The names of the fields that the filter asks for, in its order, with repetitions.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.nodes.iter().filter_map(|node| match node {
            Node::Test(predicate) => Some(predicate.field()),
            Node::Join { .. } => None,
        })
    }

    /// Refuses a filter on a field, or on a part of a field, that the schema only stores.
    ///
    /// # Errors
    /// `InvalidFilter` with the detail `field`.
    pub fn check(&self, schema: &Schema) -> Result<()> {
        for field in self.fields() {
            let whole = std::iter::once(field);
            let parents = field.match_indices('.').map(|(at, _)| &field[..at]);
            let declared = whole.chain(parents).find_map(|name| schema.metadata.get(name).map(|entry| (name, entry)));
            if let Some((name, entry)) = declared
                && !entry.filterable
            {
                return Err(Error::new(
                    ErrorKind::InvalidFilter,
                    format!(
                        "field {name:?} is declared with filterable: false, so it is only stored. \
                         Filter on another field, or declare it filterable in a new collection."
                    ),
                )
                .with("field", name));
            }
        }
        Ok(())
    }

    /// Whether a document with this metadata matches; anything but an object is a document without metadata.
    ///
    /// `schema` says which fields are dates. About O(nodes), short-circuiting; `$in` is one hash look-up.
    #[must_use]
    pub fn matches(&self, metadata: &Value, schema: &Schema) -> bool {
        evaluate::matches(&self.0.nodes, metadata.as_object(), schema)
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filter({})", self.0.source)
    }
}
