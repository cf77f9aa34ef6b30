//! The state of a generation at one sequence: collections with their segments, tombstones and memtable.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::document::{Document, Embedding, Key, Schema};
use crate::embed::Basis;
use crate::error::{Error, ErrorKind, Result};
use crate::segment::memtable::{LiveChunk, Memtable};
use crate::segment::reader::Segment;
use crate::segment::{DocId, Rows};

/// One immutable state of the whole database. Readers hold it as long as they like.
#[derive(Clone, Default)]
pub struct State {
    /// The generation that this is a state of.
    pub generation: u64,
    /// The newest batch in it.
    pub sequence: u64,
    /// Collections by name.
    pub collections: BTreeMap<String, Arc<Collection>>,
}

impl State {
    /// The collection of that name.
    ///
    /// # Errors
    /// `NotFound`, naming the collections that exist.
    pub fn collection(&self, name: &str) -> Result<&Arc<Collection>> {
        self.collections.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.collections.keys().map(String::as_str).collect();
            Error::new(
                ErrorKind::NotFound,
                format!(
                    "generation {} has no collection {name:?}; it has {}. Open it with a schema on a writable database to create it.",
                    self.generation,
                    if known.is_empty() { "none".to_owned() } else { known.join(", ") }
                ),
            )
            .with("collection", name)
        })
    }

    /// Rows in memtables and about how many bytes they take.
    #[must_use]
    pub fn memtable_size(&self) -> (usize, usize) {
        self.collections.values().fold((0, 0), |(rows, bytes), collection| {
            (rows + collection.memtable.rows(), bytes + collection.memtable.bytes())
        })
    }
}

/// Marks the identity of a collection that a build made: no live write did.
pub const MADE_BY_BUILD: u64 = 1 << 63;

/// What turns the collection's text into vectors.
#[derive(Clone)]
pub struct Embedder {
    /// The basis; documents of one state all went through the same.
    pub basis: Arc<Basis>,
    /// The file it was loaded from or written to; `None` for the hash projection, which needs none.
    pub file: Option<String>,
    /// The file's length; 0 without one.
    pub bytes: u64,
    /// Live documents when it was fitted; 0 for the hash projection.
    pub fitted_on: u64,
}

/// A segment and its deleted rows.
#[derive(Clone)]
pub struct LiveSegment {
    /// The rows.
    pub segment: Arc<Segment>,
    /// Which of them are dead.
    pub dead: Arc<RoaringBitmap>,
    /// The file that holds `dead` as it is now; `None` when it was changed since, or is empty.
    pub tombstones: Option<String>,
}

/// One collection at one sequence.
#[derive(Clone)]
pub struct Collection {
    /// Tells it from others that had or will have its name: the sequence that made it, or for one made by a build
    /// [`MADE_BY_BUILD`] and the generation.
    pub identity: u64,
    /// Declared and inferred schema.
    pub schema: Arc<Schema>,
    /// The built-in embedder, where the schema names it.
    pub embedder: Option<Embedder>,
    /// Rows on disk, oldest first.
    pub segments: Vec<LiveSegment>,
    /// Rows newer than the segments.
    pub memtable: Memtable,
}

/// A part of a collection restricted to what a query may see.
#[derive(Clone)]
pub struct LivePart<'a> {
    /// The rows.
    pub rows: &'a dyn Rows,
    /// Those of the namespace asked for.
    pub range: Range<DocId>,
    /// Rows that do not count.
    pub dead: &'a RoaringBitmap,
}

impl LivePart<'_> {
    /// Live rows in ascending order.
    pub fn alive(&self) -> impl Iterator<Item = DocId> + '_ {
        self.range.clone().filter(|row| !self.dead.contains(*row))
    }

    /// How many rows are alive.
    #[must_use]
    pub fn count(&self) -> u64 {
        let dead = if self.range.is_empty() { 0 } else { self.dead.range_cardinality(self.range.clone()) };
        u64::from(self.range.end - self.range.start) - dead
    }
}

fn live_chunk(live: &LiveChunk) -> LivePart<'_> {
    LivePart { rows: &*live.chunk, range: 0..live.chunk.len(), dead: &live.dead }
}

impl Collection {
    /// An empty collection.
    #[must_use]
    pub fn new(identity: u64, schema: Schema) -> Self {
        let embedder = (schema.embedding == Some(Embedding::Lsa)).then(|| Embedder {
            basis: Arc::new(Basis::hash()),
            file: None,
            bytes: 0,
            fitted_on: 0,
        });
        Self { identity, schema: Arc::new(schema), embedder, segments: Vec::new(), memtable: Memtable::default() }
    }

    /// All parts, oldest first; of one namespace or (`None`) of all.
    #[must_use]
    pub fn parts(&self, namespace: Option<&str>) -> Vec<LivePart<'_>> {
        let range = |rows: &dyn Rows| namespace.map_or(0..rows.len(), |name| rows.rows_of(name));
        let mut parts = Vec::with_capacity(self.segments.len() + 4);
        for live in &self.segments {
            let range = range(&*live.segment);
            parts.push(LivePart { rows: &*live.segment, range, dead: &live.dead });
        }
        match namespace {
            Some(name) => parts.extend(self.memtable.chunks_of(name).map(live_chunk)),
            None => parts.extend(self.memtable.chunks().map(live_chunk)),
        }
        parts.retain(|part| !part.range.is_empty());
        parts
    }

    /// The live row of a key: its part and row.
    pub fn find(&self, key: &Key) -> Result<Option<(&dyn Rows, DocId)>> {
        if let Some((live, row)) = self.memtable.find(key)? {
            return Ok(Some((&*live.chunk, row)));
        }
        let hash = key.hash();
        for live in self.segments.iter().rev() {
            if let Some(row) = live.segment.find(key, hash)?
                && !live.dead.contains(row)
            {
                return Ok(Some((&*live.segment, row)));
            }
        }
        Ok(None)
    }

    /// The live document of a key.
    pub fn get(&self, key: &Key) -> Result<Option<Document>> {
        self.find(key)?.map(|(rows, row)| rows.document(row)).transpose()
    }

    /// Bytes of its segments and its embedder on disk.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let segments: u64 = self.segments.iter().map(|live| live.segment.bytes()).sum();
        segments + self.embedder.as_ref().map_or(0, |embedder| embedder.bytes)
    }

    /// Live documents in one namespace or (`None`) in all.
    #[must_use]
    pub fn count(&self, namespace: Option<&str>) -> u64 {
        self.parts(namespace).iter().map(LivePart::count).sum()
    }
}
