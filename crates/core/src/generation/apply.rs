//! Applies accepted changes to a collection, giving its next state. The old one stays as it is for whoever reads it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::state::Collection;
use super::terms::Terms;
use crate::document::{Document, Key, Schema};
use crate::error::Result;
use crate::segment::Rows;
use crate::segment::chunk::ChunkRow;

/// One change of one document, accepted and validated.
#[derive(Debug, Clone)]
pub enum Change {
    /// Insert or replace.
    Put(Arc<Document>),
    /// Remove; nothing happens when it is not there.
    Delete(Key),
}

/// A change with the sequence of the batch that made it.
#[derive(Debug, Clone)]
pub struct Stamped {
    /// What changes.
    pub change: Change,
    /// The batch.
    pub sequence: u64,
}

/// What applying did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Applied {
    /// Documents written.
    pub upserted: u64,
    /// Documents that were there and are gone.
    pub deleted: u64,
}

impl Collection {
    /// The state after `changes`, in order, under `schema` (which extends the collection's). Keys may repeat: the last
    /// change of a key wins. Costs O(changes · log rows).
    pub fn apply(&self, schema: Arc<Schema>, changes: &[Stamped]) -> Result<(Self, Applied)> {
        let mut next = self.clone();
        let mut applied = Applied::default();
        next.schema = schema;
        let mut rows: BTreeMap<Arc<str>, Vec<ChunkRow>> = BTreeMap::new();
        let last: std::collections::HashMap<&Key, usize> =
            changes.iter().enumerate().map(|(at, stamped)| (stamped.change.key(), at)).collect();
        let terms = next.embedder.as_ref().map(|_| Terms::new(&next.schema)).transpose()?;
        for (at, stamped) in changes.iter().enumerate() {
            let key = stamped.change.key();
            if last[key] != at {
                continue;
            }
            let was_there = next.bury(key)?;
            match &stamped.change {
                Change::Put(document) => {
                    applied.upserted += 1;
                    let document = next.embedded(document, terms.as_ref());
                    rows.entry(key.namespace.clone())
                        .or_default()
                        .push(ChunkRow { document, sequence: stamped.sequence });
                }
                Change::Delete(_) => applied.deleted += u64::from(was_there),
            }
        }
        for (namespace, rows) in rows {
            next.memtable.insert(&namespace, rows, &next.schema)?;
        }
        Ok((next, applied))
    }

    /// Marks the live row of `key` dead.
    fn bury(&mut self, key: &Key) -> Result<bool> {
        if self.memtable.delete(key)? {
            return Ok(true);
        }
        let hash = key.hash();
        for live in self.segments.iter_mut().rev() {
            if let Some(row) = live.segment.find(key, hash)?
                && !live.dead.contains(row)
            {
                Arc::make_mut(&mut live.dead).insert(row);
                live.tombstones = None;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The document with the vector that the built-in embedder gives it; as it is when the collection has none.
    fn embedded(&self, document: &Arc<Document>, terms: Option<&Terms>) -> Arc<Document> {
        let Some(terms) = terms else { return document.clone() };
        Arc::new(Document { vector: self.embed(terms, document), ..(**document).clone() })
    }

    /// The built-in embedder's vector of a document: of all its text fields together. `None` without known terms.
    #[must_use]
    pub fn embed(&self, terms: &Terms, document: &Document) -> Option<Box<[f32]>> {
        let embedder = self.embedder.as_ref()?;
        embedder.basis.embed_document(&terms.of_document(document)).map(Vec::into_boxed_slice)
    }
}

impl Change {
    /// Whose change it is.
    #[must_use]
    pub fn key(&self) -> &Key {
        match self {
            Self::Put(document) => &document.key,
            Self::Delete(key) => key,
        }
    }
}
