//! Reads a segment: opens the file, checks its shape, and serves rows straight from its bytes.

use std::ops::Range;

use super::docs::read_text;
use super::format::{Column, Container, FloatColumn, Scalar, Section};
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
    meta: SegmentMeta,
    ids: Section,
    id_offsets: Column<u64>,
    hashes: Column<u64>,
    hash_rows: Column<u32>,
    sequences: Column<u64>,
    metadata: Section,
    metadata_offsets: Column<u64>,
    docs: Section,
    doc_blocks: Column<u64>,
    doc_offsets: Column<u64>,
    vectors: Option<(FloatColumn, FloatColumn)>,
    text: SealedText,
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
        let container = Container::open(view, file, SEGMENT_KIND)?;
        let meta: SegmentMeta = serde_json::from_slice(&container.required("meta")?)
            .map_err(|error| Error::corrupt(file, format_args!("section \"meta\": {error}")))?;
        let rows = meta.rows as usize;
        let vectors = match meta.dimension as usize {
            0 => None,
            dimension => Some((
                column(&container, "vector/values", rows * dimension)?,
                column(&container, "vector/scales", rows)?,
            )),
        };
        let starts = meta.namespaces.iter().map(|(_, start)| *start);
        let ordered = starts.clone().is_sorted() && meta.namespaces.is_sorted_by(|a, b| a.0 < b.0);
        if !ordered || starts.clone().next() != Some(0) || starts.clone().next_back() >= Some(meta.rows) {
            return Err(Error::corrupt(file, "its namespaces are out of order"));
        }
        let text = SealedText::open(&|name: &str| container.section(name).map(|section| section.to_owned_bytes()))
            .map_err(|error| Error::corrupt(file, error.message()))?;
        if !meta.text.is_empty() && text.rows() != meta.rows {
            return Err(Error::corrupt(file, format_args!("its text has {} rows, not {rows}", text.rows())));
        }
        let doc_blocks = Column::new(container.required("docs/blocks")?);
        Ok(Self {
            file: file.to_owned(),
            ids: container.required("ids/bytes")?,
            id_offsets: column(&container, "ids/offsets", rows + 1)?,
            hashes: column(&container, "ids/hashes", rows)?,
            hash_rows: column(&container, "ids/rows", rows)?,
            sequences: column(&container, "sequences", rows)?,
            metadata: container.required("metadata/bytes")?,
            metadata_offsets: column(&container, "metadata/offsets", rows + 1)?,
            docs: container.required("docs/bytes")?,
            doc_blocks: doc_blocks.ok_or_else(|| Error::corrupt(file, "section \"docs/blocks\" has an odd length"))?,
            doc_offsets: column(&container, "docs/offsets", rows + 1)?,
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
        self.container.length()
    }

    /// Pins the file's contents: two swapped files have each other's.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.container.fingerprint()
    }

    /// Reads everything and compares the checksums.
    ///
    /// # Errors
    /// `Corrupt`, naming the section.
    pub fn verify(&self) -> Result<()> {
        self.container.verify()
    }

    fn slice<'a>(&self, bytes: &'a [u8], offsets: &[u64], row: DocId) -> Result<&'a str> {
        let (start, end) = (offsets[row as usize], offsets[row as usize + 1]);
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
        let first = self.hashes.partition_point(|known| *known < hash);
        let same = self.hashes[first..].iter().take_while(|known| **known == hash).count();
        for &row in &self.hash_rows[first..first + same] {
            if row >= self.meta.rows {
                return Err(Error::corrupt(&self.file, "a key points outside the segment"));
            }
            if self.id(row)? == &*key.id && self.namespace_of(row) == &*key.namespace {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    fn id(&self, row: DocId) -> Result<&str> {
        self.slice(&self.ids, &self.id_offsets, row)
    }

    fn sequence(&self, row: DocId) -> u64 {
        self.sequences[row as usize]
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
        Some(&self.text)
    }

    fn by_hash(&self, visit: &mut dyn FnMut(u64, DocId) -> bool) {
        for (&hash, &row) in self.hashes.iter().zip(&*self.hash_rows) {
            if row < self.meta.rows && !visit(hash, row) {
                return;
            }
        }
    }
}

/// A section that must hold `len` numbers.
fn column<T: Scalar>(container: &Container, name: &str, len: usize) -> Result<Column<T>> {
    let section = container.required(name)?;
    let bytes = section.len();
    Column::new(section).filter(|column| column.len() == len).ok_or_else(|| {
        Error::corrupt(container.file_name(), format_args!("section {name:?} has {bytes} bytes, not {len} numbers"))
    })
}
