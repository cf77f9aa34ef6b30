//! Reading: get, count, scan, search. Each takes one state and never waits for a writer.

use std::sync::Arc;

use super::{Database, Target};
use crate::document::{Document, Key};
use crate::error::{Error, ErrorKind, Result};
use crate::filter::Filter;
use crate::generation::state::{Collection, State};

use crate::search::query::{SearchQuery, SearchResult};
use crate::search::run::search;
use crate::search::scope::row_matches;
use crate::validate::require_namespace;

/// Rows between two looks at the cancel flag.
const CANCEL_INTERVAL: usize = 1024;

/// Where a document of a snapshot lies: the part and the row in it.
pub type DocumentRef = (u32, u32);

/// A listing of one snapshot, in ascending order of id.
pub struct Scan {
    collection: Arc<Collection>,
    namespace: String,
    rows: std::vec::IntoIter<DocumentRef>,
    filter: Option<Filter>,
}

impl Database {
    /// The documents of `ids`, in their order; `None` when missing. O(log rows) each.
    ///
    /// # Errors
    /// `NotFound` for the collection, `GenerationGone`, `Corrupt`.
    pub fn get(
        &self,
        target: Target,
        collection: &str,
        namespace: &str,
        ids: &[String],
    ) -> Result<Vec<Option<Document>>> {
        let state = self.state_of(target)?;
        let name = collection;
        let collection = state.collection(name)?;
        require_namespace(name, &collection.schema, namespace)?;
        let namespace: Arc<str> = Arc::from(namespace);
        ids.iter().map(|id| collection.get(&Key { namespace: namespace.clone(), id: Arc::from(id.as_str()) })).collect()
    }

    /// How many documents match. O(parts) without a filter, O(rows) with one.
    ///
    /// # Errors
    /// As of [`get`](Self::get), and `Aborted`.
    pub fn count(
        &self,
        target: Target,
        collection: &str,
        namespace: &str,
        filter: Option<&Filter>,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<u64> {
        let state = self.state_of(target)?;
        let name = collection;
        let collection = state.collection(name)?;
        require_namespace(name, &collection.schema, namespace)?;
        let Some(filter) = filter else { return Ok(collection.count(Some(namespace))) };
        Ok(matching(collection, Some(namespace), filter, cancelled)?.len() as u64)
    }

    /// Starts a listing of what is there now.
    ///
    /// # Errors
    /// As of [`get`](Self::get).
    pub fn scan(&self, target: Target, collection: &str, namespace: &str, filter: Option<Filter>) -> Result<Scan> {
        let state = self.state_of(target)?;
        let name = collection;
        let collection = state.collection(name)?.clone();
        require_namespace(name, &collection.schema, namespace)?;
        if let Some(filter) = &filter {
            filter.check(&collection.schema)?;
        }
        let mut rows: Vec<DocumentRef> = Vec::new();
        let parts = collection.parts(Some(namespace));
        for (part, at) in parts.iter().zip(0..) {
            rows.extend(part.alive().map(|row| (at, row)));
        }
        let mut failed = None;
        let mut id = |&(part, row): &DocumentRef| {
            parts[part as usize].rows.id(row).unwrap_or_else(|error| {
                failed = Some(error);
                ""
            })
        };
        rows.sort_unstable_by(|a, b| id(a).cmp(id(b)));
        if let Some(error) = failed {
            return Err(error);
        }
        drop(parts);
        Ok(Scan { collection, namespace: namespace.to_owned(), rows: rows.into_iter(), filter })
    }

    /// Answers a search from one state.
    ///
    /// # Errors
    /// `InvalidQuery`, `DimensionMismatch`, `NotFinite`, `ZeroVector`, `InvalidFilter`, `LimitExceeded`, `Aborted`;
    /// `NotFound`, `GenerationGone`, `Corrupt`.
    pub fn search(
        &self,
        target: Target,
        collection: &str,
        namespace: &str,
        query: &SearchQuery,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<SearchResult> {
        let state = self.state_of(target)?;
        search_state(&state, collection, namespace, query, cancelled)
    }

    /// Answers several searches from one state, in their order.
    ///
    /// # Errors
    /// As of [`search`](Self::search), of the first query that fails, whose index is the detail `position`.
    pub fn search_many(
        &self,
        target: Target,
        collection: &str,
        namespace: &str,
        queries: &[SearchQuery],
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<SearchResult>> {
        let state = self.state_of(target)?;
        let answer = |(position, query)| {
            let result = search_state(&state, collection, namespace, query, cancelled);
            result.map_err(|error| if queries.len() > 1 { error.with("position", position) } else { error })
        };
        queries.iter().enumerate().map(answer).collect()
    }
}

impl Scan {
    /// The next documents, at most `limit`; empty at the end.
    ///
    /// # Errors
    /// `Corrupt`.
    pub fn next(&mut self, limit: usize) -> Result<Vec<Document>> {
        let parts = self.collection.parts(Some(&self.namespace));
        let mut documents = Vec::new();
        while documents.len() < limit {
            let Some((part, row)) = self.rows.next() else { break };
            let rows = parts[part as usize].rows;
            let wanted = match &self.filter {
                Some(filter) => row_matches(rows, row, filter, &self.collection.schema)?,
                None => true,
            };
            if wanted {
                documents.push(rows.document(row)?);
            }
        }
        Ok(documents)
    }
}

fn search_state(
    state: &State,
    name: &str,
    namespace: &str,
    query: &SearchQuery,
    cancelled: &dyn Fn() -> bool,
) -> Result<SearchResult> {
    let collection = state.collection(name)?;
    require_namespace(name, &collection.schema, namespace)?;
    let hits = search(name, collection, namespace, query, cancelled)?;
    Ok(SearchResult { hits, generation: state.generation, sequence: state.sequence })
}

/// Keys of the documents that match, in one namespace or (`None`) in all.
pub(super) fn matching(
    collection: &Collection,
    namespace: Option<&str>,
    filter: &Filter,
    cancelled: &dyn Fn() -> bool,
) -> Result<Vec<Arc<str>>> {
    filter.check(&collection.schema)?;
    let mut ids = Vec::new();
    for part in collection.parts(namespace) {
        for (at, row) in part.alive().enumerate() {
            if at % CANCEL_INTERVAL == 0 && cancelled() {
                return Err(Error::new(ErrorKind::Aborted, "the call was aborted; nothing was changed"));
            }
            if row_matches(part.rows, row, filter, &collection.schema)? {
                ids.push(Arc::from(part.rows.id(row)?));
            }
        }
    }
    Ok(ids)
}
