//! A chunk: rows of one namespace in memory, complete with postings and vectors, so that a write is searchable at once.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::{DocId, Rows};
use crate::document::{Document, Key, Metric, Schema};
use crate::error::Result;
use crate::text::TextIndex;
use crate::text::memory::MemoryText;
use crate::vector::{VectorColumn, scale_of};

/// One row of a chunk.
#[derive(Clone)]
pub struct ChunkRow {
    /// The document with its vector.
    pub document: Arc<Document>,
    /// The batch that wrote it.
    pub sequence: u64,
}

/// An immutable run of rows of one namespace in memory.
pub struct Chunk {
    namespace: Arc<str>,
    rows: Vec<ChunkRow>,
    by_id: HashMap<Arc<str>, DocId>,
    hashes: Vec<(u64, DocId)>,
    dimension: usize,
    values: Vec<f32>,
    scales: Vec<f32>,
    text: MemoryText,
    bytes: usize,
}

impl Chunk {
    /// Builds a chunk of `rows`, which all belong to `namespace` and have distinct ids.
    pub fn build(namespace: Arc<str>, rows: Vec<ChunkRow>, schema: &Schema) -> Result<Self> {
        let texts = rows.iter().map(|row| row.document.text.iter().flat_map(|text| text.fields()).collect::<Vec<_>>());
        let text = MemoryText::build(&schema.text, texts)?;
        Ok(Self::assemble(namespace, rows, text, schema))
    }

    /// Joins chunks of one namespace, oldest first. Postings are joined, not analysed again; dead rows stay until a flush
    /// leaves them out. Returns the dead rows of the whole.
    pub fn merge(parts: &[(&Chunk, &RoaringBitmap)], schema: &Schema) -> (Self, RoaringBitmap) {
        let mut rows = Vec::new();
        let mut dead = RoaringBitmap::new();
        for (chunk, gone) in parts {
            dead.extend(gone.iter().map(|row| row + rows.len() as u32));
            rows.extend_from_slice(&chunk.rows);
        }
        let text = MemoryText::merge(&parts.iter().map(|(chunk, _)| &chunk.text).collect::<Vec<_>>());
        let namespace = parts.first().map_or_else(|| Arc::from(""), |(chunk, _)| chunk.namespace.clone());
        (Self::assemble(namespace, rows, text, schema), dead)
    }

    fn assemble(namespace: Arc<str>, rows: Vec<ChunkRow>, text: MemoryText, schema: &Schema) -> Self {
        let dimension = schema.dimension.unwrap_or(0) as usize;
        let (mut values, mut scales) = (Vec::new(), Vec::new());
        if rows.iter().any(|row| row.document.vector.is_some()) {
            values.reserve_exact(rows.len() * dimension);
            for row in &rows {
                push_vector(schema.metric, dimension, row.document.vector.as_deref(), &mut values, &mut scales);
            }
        }
        let mut hashes: Vec<(u64, DocId)> =
            rows.iter().zip(0..).map(|(row, at)| (row.document.key.hash(), at)).collect();
        hashes.sort_unstable();
        // Of several rows with one id the last one is the newest: collecting lets it win.
        let by_id = rows.iter().zip(0..).map(|(row, at)| (row.document.key.id.clone(), at)).collect();
        let bytes = rows.iter().map(|row| footprint(&row.document)).sum();
        Self { namespace, rows, by_id, hashes, dimension, values, scales, text, bytes }
    }

    /// The namespace of every row.
    #[must_use]
    pub fn namespace(&self) -> &Arc<str> {
        &self.namespace
    }

    /// All rows, dead ones included.
    #[must_use]
    pub fn rows(&self) -> &[ChunkRow] {
        &self.rows
    }

    /// About how many bytes of memory the rows hold.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

/// Appends one row to a vector column: the values and their scale, zeros when there is no vector.
pub(super) fn push_vector(
    metric: Metric,
    dimension: usize,
    vector: Option<&[f32]>,
    values: &mut Vec<f32>,
    scales: &mut Vec<f32>,
) {
    match vector {
        Some(vector) => {
            debug_assert_eq!(vector.len(), dimension);
            values.extend_from_slice(vector);
            scales.push(scale_of(metric, vector));
        }
        None => {
            values.resize(values.len() + dimension, 0.0);
            scales.push(0.0);
        }
    }
}

fn footprint(document: &Document) -> usize {
    let text: usize = document.text.iter().flat_map(|text| text.fields()).map(|(_, text)| text.len()).sum();
    let vector = document.vector.as_ref().map_or(0, |vector| vector.len() * 8);
    // Postings take about as much as the text; 200 bytes for the row's own structures.
    200 + document.key.id.len() + text * 2 + vector + document.metadata.as_ref().map_or(0, |json| json.len())
}

impl Rows for Chunk {
    fn len(&self) -> u32 {
        self.rows.len() as u32
    }

    fn namespaces(&self) -> Vec<(&str, Range<DocId>)> {
        vec![(&self.namespace, 0..self.len())]
    }

    fn rows_of(&self, namespace: &str) -> Range<DocId> {
        if *self.namespace == *namespace { 0..self.len() } else { 0..0 }
    }

    fn find(&self, key: &Key, _hash: u64) -> Result<Option<DocId>> {
        Ok(if *key.namespace == *self.namespace { self.by_id.get(&key.id).copied() } else { None })
    }

    fn id(&self, row: DocId) -> Result<&str> {
        Ok(&self.rows[row as usize].document.key.id)
    }

    fn sequence(&self, row: DocId) -> u64 {
        self.rows[row as usize].sequence
    }

    fn max_sequence(&self) -> u64 {
        self.rows.iter().map(|row| row.sequence).max().unwrap_or(0)
    }

    fn metadata(&self, row: DocId) -> Result<Option<&str>> {
        Ok(self.rows[row as usize].document.metadata.as_deref())
    }

    fn document(&self, row: DocId) -> Result<Document> {
        Ok((*self.rows[row as usize].document).clone())
    }

    fn vectors(&self) -> Option<VectorColumn<'_>> {
        (!self.scales.is_empty()).then_some(VectorColumn {
            values: &self.values,
            scales: &self.scales,
            dimension: self.dimension,
        })
    }

    fn text(&self) -> Option<&dyn TextIndex> {
        Some(&self.text)
    }

    fn by_hash(&self, visit: &mut dyn FnMut(u64, DocId) -> bool) {
        for &(hash, row) in &self.hashes {
            if !visit(hash, row) {
                return;
            }
        }
    }
}
