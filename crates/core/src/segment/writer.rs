//! Writes a segment: rows of any parts, grouped by namespace, as one immutable file.
//!
//! Sections (all integers little-endian; `n` rows):
//!
//! | section | content |
//! |---|---|
//! | `meta` | JSON [`SegmentMeta`] |
//! | `ids/offsets` | u64 `[n + 1]` into `ids/bytes` |
//! | `ids/bytes` | ids, row after row |
//! | `ids/hashes`, `ids/rows` | u64 `[n]` ascending key hashes, u32 `[n]` their rows |
//! | `sequences` | u64 `[n]` |
//! | `vector/values`, `vector/scales` | f32 `[n * dimension]`, f32 `[n]`, see [`VectorColumn`](crate::vector::VectorColumn) |
//! | `metadata/offsets`, `metadata/bytes` | u64 `[n + 1]`, JSON texts; an empty one means none |
//! | `docs/offsets`, `docs/blocks`, `docs/bytes` | see [`docs`](super::docs) |
//! | `text/...` | see [`text::writer`](crate::text::writer) |

use std::collections::BTreeMap;

use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

use super::docs::DocsWriter;
use super::format::{ContainerWriter, Written};
use super::{DocId, Rows};
use crate::document::{Document, Schema, TextField};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::vfs::Vfs;
use crate::text::writer::SealedTextWriter;
use crate::vector::scale_of;

/// The container kind of segments.
pub const SEGMENT_KIND: [u8; 4] = *b"SEGM";

/// What a segment says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentMeta {
    /// Rows.
    pub rows: u32,
    /// Components per vector; 0 when no row has one.
    pub dimension: u32,
    /// Text fields in index order.
    pub text: Vec<TextField>,
    /// Namespaces in ascending byte order, each with its first row.
    pub namespaces: Vec<(String, u32)>,
    /// The largest sequence of any row.
    pub max_sequence: u64,
}

/// A run of rows to write and those to leave out.
pub struct Source<'a> {
    /// The rows.
    pub rows: &'a dyn Rows,
    /// Not these.
    pub dead: &'a RoaringBitmap,
}

/// How a document's vector is made, when it is not the stored one.
pub type Embed<'a> = &'a dyn Fn(&Document) -> Result<Option<Box<[f32]>>>;

/// What the caller may do meanwhile.
pub struct Watch<'a> {
    /// Told the share done, 0 to 1.
    pub progress: &'a dyn Fn(f64),
    /// Polled; `true` stops with `Aborted` and leaves nothing behind.
    pub cancelled: &'a dyn Fn() -> bool,
}

impl Watch<'_> {
    /// Nobody watches.
    pub const NONE: Watch<'static> = Watch { progress: &|_| (), cancelled: &|| false };

    /// # Errors
    /// `Aborted` once cancelled.
    pub fn check(&self) -> Result<()> {
        if (self.cancelled)() {
            return Err(Error::new(ErrorKind::Aborted, "the work was aborted; nothing was changed"));
        }
        Ok(())
    }
}

/// Writes the live rows of `sources`, oldest source first, into one segment file, synced under its final name; the
/// caller syncs the directory. `None` when no row is alive. Same rows in the same order give the same bytes.
///
/// # Errors
/// `LimitExceeded` above 2^32 - 1 rows, `Aborted`, `Io`, `DiskFull`.
pub fn write_segment(
    vfs: &dyn Vfs,
    schema: &Schema,
    sources: &[Source<'_>],
    embed: Option<Embed<'_>>,
    watch: &Watch<'_>,
) -> Result<Option<Written>> {
    let (order, namespaces) = arrange(sources)?;
    if order.is_empty() {
        return Ok(None);
    }
    let mut file = ContainerWriter::create(vfs, SEGMENT_KIND)?;
    let vectors = write_documents(&mut file, schema, sources, &order, embed, watch)?;
    let dimension = write_vectors(&mut file, schema, sources, &order, vectors)?;
    write_keys(&mut file, sources, &order)?;
    write_metadata(&mut file, sources, &order)?;
    let sequences: Vec<u64> = order.iter().map(|&(source, row)| sources[source].rows.sequence(row)).collect();
    file.section("sequences", &u64_bytes(&sequences))?;
    let meta = SegmentMeta {
        rows: order.len() as u32,
        dimension,
        text: schema.text.clone(),
        namespaces,
        max_sequence: sequences.iter().copied().max().unwrap_or(0),
    };
    file.section("meta", &serde_json::to_vec(&meta).expect("plain numbers and strings always serialise"))?;
    watch.check()?;
    let written = file.finish("seg", "seg")?;
    (watch.progress)(1.0);
    Ok(Some(written))
}

/// Vectors made on the way, by row.
type Made = Vec<Option<Box<[f32]>>>;

type Order = Vec<(usize, DocId)>;

/// Live rows by namespace, in each in the order of the sources.
fn arrange(sources: &[Source<'_>]) -> Result<(Order, Vec<(String, u32)>)> {
    let mut grouped: BTreeMap<&str, Order> = BTreeMap::new();
    for (at, source) in sources.iter().enumerate() {
        for (namespace, range) in source.rows.namespaces() {
            let alive = range.filter(|row| !source.dead.contains(*row)).map(|row| (at, row));
            grouped.entry(namespace).or_default().extend(alive);
        }
    }
    let mut order = Order::new();
    let mut namespaces = Vec::new();
    for (namespace, rows) in grouped {
        if rows.is_empty() {
            continue;
        }
        let start = u32::try_from(order.len() + rows.len()).map(|end| end - rows.len() as u32);
        let start = start
            .map_err(|_| Error::new(ErrorKind::LimitExceeded, "a segment holds at most 4,294,967,295 documents"))?;
        namespaces.push((namespace.to_owned(), start));
        order.extend(rows);
    }
    Ok((order, namespaces))
}

/// Documents and postings in one pass over the documents; returns the new vectors when `embed` makes them.
fn write_documents(
    file: &mut ContainerWriter<'_>,
    schema: &Schema,
    sources: &[Source<'_>],
    order: &Order,
    embed: Option<Embed<'_>>,
    watch: &Watch<'_>,
) -> Result<Option<Made>> {
    let mut docs = DocsWriter::default();
    let mut text = SealedTextWriter::new(&schema.text)?;
    let mut vectors = embed.map(|_| Vec::with_capacity(order.len()));
    file.begin_section("docs/bytes")?;
    for (done, &(source, row)) in order.iter().enumerate() {
        if done % 256 == 0 {
            watch.check()?;
            (watch.progress)(0.9 * done as f64 / order.len() as f64);
        }
        let document = sources[source].rows.document(row)?;
        docs.push(document.text.as_ref(), |bytes| file.write(bytes))?;
        let fields: Vec<(&str, &str)> = document.text.iter().flat_map(|text| text.fields()).collect();
        text.add_row(&fields)?;
        if let (Some(vectors), Some(embed)) = (&mut vectors, embed) {
            vectors.push(embed(&document)?);
        }
    }
    let index = docs.finish(|bytes| file.write(bytes))?;
    file.end_section()?;
    file.section("docs/blocks", &u64_bytes(&index.blocks))?;
    file.section("docs/offsets", &u64_bytes(&index.offsets))?;
    for (name, bytes) in text.finish()? {
        file.section(&name, &bytes)?;
    }
    Ok(vectors)
}

fn write_vectors(
    file: &mut ContainerWriter<'_>,
    schema: &Schema,
    sources: &[Source<'_>],
    order: &Order,
    made: Option<Made>,
) -> Result<u32> {
    let columns: Vec<_> = sources.iter().map(|source| source.rows.vectors()).collect();
    let vector = |at: usize| -> Option<&[f32]> {
        let (source, row) = order[at];
        match &made {
            Some(made) => made[at].as_deref(),
            None => columns[source].and_then(|column| column.get(row)),
        }
    };
    if (0..order.len()).all(|at| vector(at).is_none()) {
        return Ok(0);
    }
    let dimension = schema.dimension.unwrap_or(0) as usize;
    let mut bytes = Vec::with_capacity(dimension * 4);
    file.begin_section("vector/values")?;
    for at in 0..order.len() {
        bytes.clear();
        match vector(at) {
            Some(vector) => vector.iter().for_each(|value| bytes.extend_from_slice(&value.to_le_bytes())),
            None => bytes.resize(dimension * 4, 0),
        }
        file.write(&bytes)?;
    }
    file.end_section()?;
    bytes.clear();
    for at in 0..order.len() {
        let scale = vector(at).map_or(0.0, |vector| scale_of(schema.metric, vector));
        bytes.extend_from_slice(&scale.to_le_bytes());
    }
    file.section("vector/scales", &bytes)?;
    Ok(dimension as u32)
}

fn write_keys(file: &mut ContainerWriter<'_>, sources: &[Source<'_>], order: &Order) -> Result<()> {
    let mut offsets = vec![0u64];
    let mut hashes: Vec<(u64, DocId)> = Vec::with_capacity(order.len());
    // The key's hash is known to every source; asking for it row by row keeps ids out of memory.
    let known: Vec<Vec<u64>> = sources.iter().map(|source| hashes_by_row(source.rows)).collect();
    file.begin_section("ids/bytes")?;
    let mut end = 0;
    for (at, &(source, row)) in order.iter().enumerate() {
        let id = sources[source].rows.id(row)?;
        file.write(id.as_bytes())?;
        end += id.len() as u64;
        offsets.push(end);
        hashes.push((known[source][row as usize], at as DocId));
    }
    file.end_section()?;
    file.section("ids/offsets", &u64_bytes(&offsets))?;
    hashes.sort_unstable();
    file.section("ids/hashes", &u64_bytes(&hashes.iter().map(|(hash, _)| *hash).collect::<Vec<_>>()))?;
    let rows: Vec<u8> = hashes.iter().flat_map(|(_, row)| row.to_le_bytes()).collect();
    file.section("ids/rows", &rows)
}

fn hashes_by_row(rows: &dyn Rows) -> Vec<u64> {
    let mut hashes = vec![0; rows.len() as usize];
    rows.by_hash(&mut |hash, row| {
        hashes[row as usize] = hash;
        true
    });
    hashes
}

fn write_metadata(file: &mut ContainerWriter<'_>, sources: &[Source<'_>], order: &Order) -> Result<()> {
    let mut offsets = vec![0u64];
    let mut end = 0;
    file.begin_section("metadata/bytes")?;
    for &(source, row) in order {
        let json = sources[source].rows.metadata(row)?.unwrap_or("");
        file.write(json.as_bytes())?;
        end += json.len() as u64;
        offsets.push(end);
    }
    file.end_section()?;
    file.section("metadata/offsets", &u64_bytes(&offsets))
}

fn u64_bytes(values: &[u64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}
