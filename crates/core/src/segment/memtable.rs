//! The memtable: chunks by namespace. Cloning shares the chunks, so a snapshot costs a few pointers.

use std::collections::BTreeMap;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::chunk::{Chunk, ChunkRow};
use super::{DocId, Rows};
use crate::document::{Key, Schema};
use crate::error::Result;

/// A chunk and its deleted rows.
#[derive(Clone)]
pub struct LiveChunk {
    /// The rows.
    pub chunk: Arc<Chunk>,
    /// Which of them are dead.
    pub dead: Arc<RoaringBitmap>,
}

/// Rows that are in the log but not yet in a segment.
#[derive(Clone, Default)]
pub struct Memtable {
    chunks: Arc<BTreeMap<Arc<str>, Vec<LiveChunk>>>,
    rows: usize,
    bytes: usize,
}

impl Memtable {
    /// Adds rows of one namespace, written by one batch, as the newest chunk.
    ///
    /// Chunks are merged like the digits of a binary counter: a chunk is joined while its older neighbour is less than
    /// twice as large, so n single writes copy each row O(log n) times and leave O(log n) chunks.
    pub fn insert(&mut self, namespace: &Arc<str>, rows: Vec<ChunkRow>, schema: &Schema) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let newest = Chunk::build(namespace.clone(), rows, schema)?;
        let chunks = Arc::make_mut(&mut self.chunks).entry(namespace.clone()).or_default();
        chunks.push(LiveChunk { chunk: Arc::new(newest), dead: Arc::default() });
        let mut from = chunks.len() - 1;
        let mut size = chunks[from].chunk.len() as usize;
        while from > 0 && (chunks[from - 1].chunk.len() as usize) < 2 * size {
            from -= 1;
            size += chunks[from].chunk.len() as usize;
        }
        if from + 1 < chunks.len() {
            let parts: Vec<_> = chunks[from..].iter().map(|part| (&*part.chunk, &*part.dead)).collect();
            let (merged, dead) = Chunk::merge(&parts, schema);
            chunks.truncate(from);
            chunks.push(LiveChunk { chunk: Arc::new(merged), dead: Arc::new(dead) });
        }
        self.count();
        Ok(())
    }

    /// Marks the live row of `key` dead; `false` when there is none.
    pub fn delete(&mut self, key: &Key) -> Result<bool> {
        let Some((at, row)) = self.locate(key)? else { return Ok(false) };
        let chunks = Arc::make_mut(&mut self.chunks).get_mut(&key.namespace).expect("located in this namespace");
        Arc::make_mut(&mut chunks[at].dead).insert(row);
        Ok(true)
    }

    /// The live row of `key`.
    pub fn find(&self, key: &Key) -> Result<Option<(&LiveChunk, DocId)>> {
        Ok(self.locate(key)?.map(|(at, row)| (&self.chunks[&key.namespace][at], row)))
    }

    fn locate(&self, key: &Key) -> Result<Option<(usize, DocId)>> {
        let Some(chunks) = self.chunks.get(&key.namespace) else { return Ok(None) };
        for (at, live) in chunks.iter().enumerate().rev() {
            if let Some(row) = live.chunk.find(key, 0)?
                && !live.dead.contains(row)
            {
                return Ok(Some((at, row)));
            }
        }
        Ok(None)
    }

    /// Chunks in ascending order of namespace, oldest first in each.
    pub fn chunks(&self) -> impl Iterator<Item = &LiveChunk> {
        self.chunks.values().flatten()
    }

    /// Chunks of one namespace, oldest first.
    pub fn chunks_of(&self, namespace: &str) -> impl Iterator<Item = &LiveChunk> {
        self.chunks.get(namespace).into_iter().flatten()
    }

    /// Rows held, dead ones included.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// About how many bytes the rows take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn count(&mut self) {
        (self.rows, self.bytes) = self
            .chunks
            .values()
            .flatten()
            .fold((0, 0), |(rows, bytes), live| (rows + live.chunk.rows().len(), bytes + live.chunk.bytes()));
    }
}
