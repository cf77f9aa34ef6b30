//! Reads a segment: opens the file, checks its shape, and serves rows straight from its bytes.

use std::ops::Range;

use super::docs::read_text;
use super::format::{Container, FloatColumn, Section, u32_at, u64_at};
use super::writer::{SEGMENT_KIND, SegmentMeta};
use super::{DocId, Rows};
use crate::document::{Document, Key};
use crate::error::{Error, Result};
use crate::storage::vfs::Vfs;
use crate::text::TextIndex;
use crate::text::index::SealedText;
use crate::vector::VectorColumn;

/// An open segment file.
pub struct Segment {
    container: Container,
    file: String,
    bytes: u64,
    meta: SegmentMeta,
    ids: Section,
    id_offsets: Section,
    hashes: Section,
    hash_rows: Section,
    sequences: Section,
    metadata: Section,
    metadata_offsets: Section,
    docs: Section,
    doc_blocks: Section,
    doc_offsets: Section,
    vectors: Option<(FloatColumn, FloatColumn)>,
    text: Option<SealedText>,
}

impl Segment {
    /// Opens `file` and checks footer, table of contents and the sections' lengths; no row is read.
    ///
    /// # Errors
    /// `Corrupt`, `FormatTooNew`, `Io`.
    pub fn open(vfs: &dyn Vfs, file: &str) -> Result<Self> {
        let view = vfs.view(file).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::corrupt(file, "the file is missing"),
            _ => Error::io("open", file, error),
        })?;
        let bytes = view.len() as u64;
        let container = Container::open(view, file, SEGMENT_KIND)?;
        let section = |name: &str| {
            container.section(name).ok_or_else(|| Error::corrupt(file, format_args!("section {name:?} is missing")))
        };
        let meta: SegmentMeta = serde_json::from_slice(&section("meta")?)
            .map_err(|error| Error::corrupt(file, format_args!("section \"meta\": {error}")))?;
        let rows = meta.rows as usize;
        let sized = |name: &str, len: usize| {
            let section = section(name)?;
            if section.len() != len {
                return Err(Error::corrupt(file, format_args!("section {name:?} has {} bytes, not {len}", section.len())));
            }
            Ok(section)
        };
        let vectors = match meta.dimension as usize {
            0 => None,
            dimension => Some((
                FloatColumn::new(sized("vector/values", rows * dimension * 4)?),
                FloatColumn::new(sized("vector/scales", rows * 4)?),
            )),
        };
        let starts = meta.namespaces.iter().map(|(_, start)| *start);
        if !starts.clone().is_sorted() || starts.clone().next() != Some(0) || starts.last() >= Some(meta.rows) {
            return Err(Error::corrupt(file, "its namespaces are out of order"));
        }
        let text = if meta.text.is_empty() {
            None
        } else {
            Some(SealedText::open(file, &meta.text, meta.rows, &|name: &str| container.section(name))?)
        };
        let doc_blocks = section("docs/blocks")?;
        Ok(Self {
            file: file.to_owned(),
            bytes,
            ids: section("ids/bytes")?,
            id_offsets: sized("ids/offsets", (rows + 1) * 8)?,
            hashes: sized("ids/hashes", rows * 8)?,
            hash_rows: sized("ids/rows", rows * 4)?,
            sequences: sized("sequences", rows * 8)?,
            metadata: section("metadata/bytes")?,
            metadata_offsets: sized("metadata/offsets", (rows + 1) * 8)?,
            docs: section("docs/bytes")?,
            doc_offsets: sized("docs/offsets", (rows + 1) * 8)?,
            doc_blocks,
            vectors,
            text,
            meta,
            container,
        })
    }

    /// The file's name.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The file's length.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reads everything and compares the checksums.
    ///
    /// # Errors
    /// `Corrupt`, naming the section.
    pub fn verify(&self) -> Result<()> {
        self.container.verify()
    }

    fn slice<'a>(&self, bytes: &'a [u8], offsets: &[u8], row: DocId) -> Result<&'a str> {
        let (start, end) = (u64_at(offsets, row as usize), u64_at(offsets, row as usize + 1));
        let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
        range
            .and_then(|(start, end)| bytes.get(start..end))
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .ok_or_else(|| Error::corrupt(&self.file, format_args!("row {row} points outside its section")))
    }

    fn namespace_of(&self, row: DocId) -> &str {
        let at = self.meta.namespaces.partition_point(|(_, start)| *start <= row);
        self.meta.namespaces[at - 1].0.as_str()
    }

    fn range_at(&self, at: usize) -> Range<DocId> {
        let end = self.meta.namespaces.get(at + 1).map_or(self.meta.rows, |(_, start)| *start);
        self.meta.namespaces[at].1..end
    }
}

impl Rows for Segment {
    fn len(&self) -> u32 {
        self.meta.rows
    }

    fn namespaces(&self) -> Vec<(&str, Range<DocId>)> {
        self.meta.namespaces.iter().enumerate().map(|(at, (name, _))| (name.as_str(), self.range_at(at))).collect()
    }

    fn rows_of(&self, namespace: &str) -> Range<DocId> {
        match self.meta.namespaces.binary_search_by(|(name, _)| name.as_str().cmp(namespace)) {
            Ok(at) => self.range_at(at),
            Err(_) => 0..0,
        }
    }

    fn find(&self, key: &Key, hash: u64) -> Result<Option<DocId>> {
        let rows = self.meta.rows as usize;
        let (mut low, mut high) = (0, rows);
        while low < high {
            let middle = usize::midpoint(low, high);
            if u64_at(&self.hashes, middle) < hash { low = middle + 1 } else { high = middle }
        }
        while low < rows && u64_at(&self.hashes, low) == hash {
            let row = u32_at(&self.hash_rows, low);
            if row >= self.meta.rows {
                return Err(Error::corrupt(&self.file, "a key points outside the segment"));
            }
            if self.id(row)? == &*key.id && self.namespace_of(row) == &*key.namespace {
                return Ok(Some(row));
            }
            low += 1;
        }
        Ok(None)
    }

    fn id(&self, row: DocId) -> Result<&str> {
        self.slice(&self.ids, &self.id_offsets, row)
    }

    fn sequence(&self, row: DocId) -> u64 {
        u64_at(&self.sequences, row as usize)
    }

    fn max_sequence(&self) -> u64 {
        self.meta.max_sequence
    }

    fn metadata(&self, row: DocId) -> Result<Option<&str>> {
        let json = self.slice(&self.metadata, &self.metadata_offsets, row)?;
        Ok((!json.is_empty()).then_some(json))
    }

    fn document(&self, row: DocId) -> Result<Document> {
        Ok(Document {
            key: Key { namespace: self.namespace_of(row).into(), id: self.id(row)?.into() },
            vector: self.vectors().and_then(|column| column.get(row)).map(Box::from),
            text: read_text(&self.file, &self.doc_blocks, &self.doc_offsets, &self.docs, row)?,
            metadata: self.metadata(row)?.map(Box::from),
        })
    }

    fn vectors(&self) -> Option<VectorColumn<'_>> {
        self.vectors.as_ref().map(|(values, scales)| VectorColumn {
            values,
            scales,
            dimension: self.meta.dimension as usize,
        })
    }

    fn text(&self) -> Option<&dyn TextIndex> {
        self.text.as_ref().map(|text| text as &dyn TextIndex)
    }

    fn by_hash(&self, visit: &mut dyn FnMut(u64, DocId) -> bool) {
        for at in 0..self.meta.rows as usize {
            let row = u32_at(&self.hash_rows, at);
            if row < self.meta.rows && !visit(u64_at(&self.hashes, at), row) {
                return;
            }
        }
    }
}
