//! Prepares new files for a collection without touching the live one: flush, merge, refit of the embedder.
//!
//! Everything here works on a snapshot and holds no lock; the result is of the snapshot's sequence, and the caller
//! carries later writes onto it.

use std::ops::Range;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::state::{Collection, Embedder, LiveSegment};
use super::terms::Terms;
use crate::document::{Document, Embedding};
use crate::embed::{Basis, FitOptions};
use crate::error::{Error, Result};
use crate::segment::Rows;
use crate::segment::format::{Container, ContainerWriter};
use crate::segment::memtable::Memtable;
use crate::segment::reader::Segment;
use crate::segment::writer::{Source, Watch, write_segment};
use crate::storage::vfs::Vfs;

/// Rows in a memtable that make a flush due.
pub const FLUSH_ROWS: usize = 8192;
/// Bytes in memtables that make a flush due.
pub const FLUSH_BYTES: usize = 64 * 1024 * 1024;
/// Segments of one size class that are merged into one, and the factor between classes.
const FAN_OUT: usize = 8;
/// Live documents of the built-in embedder's first fit in the background; the next ones follow at each fourfold growth.
const FIRST_FIT: u64 = 1000;

const BASIS_KIND: [u8; 4] = *b"BASE";
const TOMBSTONE_KIND: [u8; 4] = *b"TOMB";

/// What a collection needs done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// Write the memtable as a segment.
    Flush,
    /// Join neighbouring segments, or clean one of its dead rows.
    Merge(Range<usize>),
    /// Fit the embedder and rewrite everything with it.
    Refit,
}

/// The most urgent work of a collection; `None` when there is none.
#[must_use]
pub fn due(collection: &Collection) -> Option<Work> {
    if refit_is_due(collection) {
        return Some(Work::Refit);
    }
    if collection.memtable.rows() >= FLUSH_ROWS || collection.memtable.bytes() >= FLUSH_BYTES {
        return Some(Work::Flush);
    }
    // A fifth of dead rows wastes more on every query than one rewrite costs.
    let decayed = collection.segments.iter().position(|live| live.dead.len() * 5 > u64::from(live.segment.len()));
    if let Some(at) = decayed {
        return Some(Work::Merge(at..at + 1));
    }
    let class = |live: &LiveSegment| (live.segment.len() as usize / FLUSH_ROWS).max(1).ilog(FAN_OUT);
    let newest = class(collection.segments.last()?);
    let run = collection.segments.iter().rev().take_while(|live| class(live) <= newest).count();
    (run >= FAN_OUT).then(|| Work::Merge(collection.segments.len() - run..collection.segments.len()))
}

fn refit_is_due(collection: &Collection) -> bool {
    let Some(embedder) = &collection.embedder else { return false };
    let live = collection.count(None);
    live >= FIRST_FIT && live >= embedder.fitted_on.saturating_mul(4)
}

/// Does `work` on a snapshot and returns the collection as it then is.
///
/// # Errors
/// `Aborted`, `Io`, `DiskFull`, `Corrupt`; files written so far are not named by anything and are collected at open.
pub fn perform(vfs: &dyn Vfs, collection: &Collection, work: &Work, watch: &Watch<'_>) -> Result<Collection> {
    match work {
        Work::Flush => flush(vfs, collection, watch),
        Work::Merge(range) => merge(vfs, collection, range.clone(), watch),
        Work::Refit => compact(vfs, collection, true, watch),
    }
}

/// Writes the memtable as one more segment.
pub fn flush(vfs: &dyn Vfs, collection: &Collection, watch: &Watch<'_>) -> Result<Collection> {
    let mut next = collection.clone();
    let sources: Vec<Source<'_>> =
        collection.memtable.chunks().map(|live| Source { rows: &*live.chunk, dead: &live.dead }).collect();
    next.segments.extend(written(vfs, collection, &sources, watch)?);
    next.memtable = Memtable::default();
    Ok(next)
}

/// Joins the segments of `range`, leaving out their dead rows.
pub fn merge(vfs: &dyn Vfs, collection: &Collection, range: Range<usize>, watch: &Watch<'_>) -> Result<Collection> {
    let mut next = collection.clone();
    let sources: Vec<Source<'_>> = collection.segments[range.clone()].iter().map(source).collect();
    next.segments.splice(range, written(vfs, collection, &sources, watch)?);
    Ok(next)
}

/// Makes one segment of everything; with `refit`, fits the built-in embedder first and embeds every document with it.
pub fn compact(vfs: &dyn Vfs, collection: &Collection, refit: bool, watch: &Watch<'_>) -> Result<Collection> {
    let mut next = collection.clone();
    let fits = refit && collection.schema.embedding == Some(Embedding::Lsa);
    if fits {
        let progress = |share: f64| (watch.progress)(share * 0.5);
        next.embedder = Some(fit(vfs, collection, &Watch { progress: &progress, cancelled: watch.cancelled })?);
    }
    let mut sources: Vec<Source<'_>> = collection.segments.iter().map(source).collect();
    sources.extend(collection.memtable.chunks().map(|live| Source { rows: &*live.chunk, dead: &live.dead }));
    let start = if fits { 0.5 } else { 0.0 };
    let progress = |share: f64| (watch.progress)(start + share * (1.0 - start));
    let watch = Watch { progress: &progress, cancelled: watch.cancelled };
    let terms = Terms::new(&collection.schema)?;
    let embed = |document: &Document| Ok(next.embed(&terms, document));
    let file = write_segment(vfs, &collection.schema, &sources, if fits { Some(&embed) } else { None }, &watch)?;
    let segments = file.map(|file| open(vfs, &file.name)).transpose()?;
    next.segments = segments.into_iter().collect();
    next.memtable = Memtable::default();
    Ok(next)
}

/// Fits the embedder to the live documents of all namespaces and stores it.
fn fit(vfs: &dyn Vfs, collection: &Collection, watch: &Watch<'_>) -> Result<Embedder> {
    let terms = Terms::new(&collection.schema)?;
    let parts = collection.parts(None);
    let rows = parts.iter().flat_map(|part| part.alive().map(move |row| (part.rows, row)));
    let mut documents = rows.map(|(rows, row)| Ok(terms.of_document(&rows.document(row)?)));
    let options = FitOptions { progress: watch.progress, cancel: watch.cancelled, ..FitOptions::default() };
    let basis = Basis::fit(&mut documents, &options)?;
    let mut embedder = Embedder { basis: Arc::new(basis), file: None, bytes: 0, fitted_on: collection.count(None) };
    if !matches!(*embedder.basis, Basis::Hash(_)) {
        let mut file = ContainerWriter::create(vfs, BASIS_KIND)?;
        file.section("basis", &embedder.basis.to_bytes())?;
        let written = file.finish("lsa", "basis")?;
        (embedder.file, embedder.bytes) = (Some(written.name), written.length);
    }
    Ok(embedder)
}

/// Reads a stored embedder.
pub fn load_basis(vfs: &dyn Vfs, file: &str) -> Result<Basis> {
    let section = load_section(vfs, file, BASIS_KIND, "basis")?;
    Basis::from_bytes(&section).map_err(|error| Error::corrupt(file, error.message()))
}

/// Stores dead rows and returns the file.
pub fn save_tombstones(vfs: &dyn Vfs, dead: &RoaringBitmap) -> Result<String> {
    let mut bytes = Vec::with_capacity(dead.serialized_size());
    dead.serialize_into(&mut bytes).map_err(|error| Error::io("serialise", "tombstones", error))?;
    let mut file = ContainerWriter::create(vfs, TOMBSTONE_KIND)?;
    file.section("dead", &bytes)?;
    Ok(file.finish("del", "del")?.name)
}

/// Reads dead rows of a segment with `rows` rows.
pub fn load_tombstones(vfs: &dyn Vfs, file: &str, rows: u32) -> Result<RoaringBitmap> {
    let section = load_section(vfs, file, TOMBSTONE_KIND, "dead")?;
    let dead = RoaringBitmap::deserialize_from(&section[..])
        .map_err(|error| Error::corrupt(file, format_args!("not a bitmap: {error}")))?;
    if dead.max().is_some_and(|row| row >= rows) {
        return Err(Error::corrupt(file, "it names rows that the segment does not have"));
    }
    Ok(dead)
}

fn load_section(vfs: &dyn Vfs, file: &str, kind: [u8; 4], name: &str) -> Result<crate::segment::format::Section> {
    let view = vfs.view(file).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::corrupt(file, "the file is missing"),
        _ => Error::io("open", file, error),
    })?;
    let container = Container::open(view, file, kind)?;
    container.verify()?;
    container.section(name).ok_or_else(|| Error::corrupt(file, format_args!("section {name:?} is missing")))
}

fn source(live: &LiveSegment) -> Source<'_> {
    Source { rows: &*live.segment, dead: &live.dead }
}

fn written(
    vfs: &dyn Vfs,
    collection: &Collection,
    sources: &[Source<'_>],
    watch: &Watch<'_>,
) -> Result<Option<LiveSegment>> {
    let file = write_segment(vfs, &collection.schema, sources, None, watch)?;
    file.map(|file| open(vfs, &file.name)).transpose()
}

fn open(vfs: &dyn Vfs, file: &str) -> Result<LiveSegment> {
    Ok(LiveSegment { segment: Arc::new(Segment::open(vfs, file)?), dead: Arc::default(), tombstones: None })
}
