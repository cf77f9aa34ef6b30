//! Reading a container: the end is checked at open, sections when asked.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::layout::{Entry, Kind, Table, decode_end, padding};
use crate::error::{Error, Result};
use crate::storage::vfs::FileView;
use crate::text::SectionBytes;

/// An open container, cheap to clone.
#[derive(Clone)]
pub struct Container(Arc<Inner>);

struct Inner {
    view: FileView,
    file_name: String,
    table: Table,
    sections_end: u64,
    fingerprint: u64,
}

/// The bytes of one section, or a part of them; keeps the file's view alive, cheap to clone.
#[derive(Clone)]
pub struct Section {
    view: FileView,
    range: Range<usize>,
}

impl Container {
    /// Checks footer, table and length of a file of `kind`; reads no section.
    ///
    /// # Errors
    /// `Corrupt` for whatever no writer could have written, `FormatTooNew` for what a newer one did.
    pub fn open(view: FileView, file_name: &str, kind: Kind) -> Result<Self> {
        let end = decode_end(&view, file_name, kind)?;
        Ok(Self(Arc::new(Inner {
            view,
            file_name: file_name.into(),
            table: end.table,
            sections_end: end.offset,
            fingerprint: end.fingerprint,
        })))
    }

    /// The section `name`, unverified; `None` when the file has none.
    #[must_use]
    pub fn section(&self, name: &str) -> Option<Section> {
        self.0.table.get(name).map(|entry| self.bytes_of(entry))
    }

    /// The section `name`, or `Corrupt`: for what every file of the kind has.
    pub fn required(&self, name: &str) -> Result<Section> {
        self.section(name).ok_or_else(|| Error::corrupt(&self.0.file_name, format_args!("it has no section {name:?}")))
    }

    /// The section `name` after its checksum was compared: O(its bytes).
    pub fn verified(&self, name: &str) -> Result<Section> {
        self.required(name)?;
        self.check(name, &self.0.table[name])
    }

    /// Names and lengths of all sections, ascending by name.
    pub fn sections(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.table.iter().map(|(name, entry)| (name.as_str(), entry.length))
    }

    /// Compares every checksum, the padding, and the hash in the file's name when it has one: O(file).
    pub fn verify(&self) -> Result<()> {
        let inner = &*self.0;
        let mut between = Vec::with_capacity(inner.table.len());
        for (name, entry) in &inner.table {
            let section = self.check(name, entry)?;
            between.push(section.range.end..section.range.end + padding(section.range.end as u64));
        }
        if between.into_iter().any(|gap| inner.view[gap].iter().any(|byte| *byte != 0)) {
            return Err(Error::corrupt(&inner.file_name, "there is something between its sections"));
        }
        match hash_in(&inner.file_name) {
            Some(hash) if xxh3_128(&inner.view) != hash => {
                Err(Error::corrupt(&inner.file_name, "its name is that of other contents"))
            }
            _ => Ok(()),
        }
    }

    /// Covers table and sections; equal to [`Written::fingerprint`](super::Written) of the writer.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.0.fingerprint
    }

    /// The file's length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.0.view.len() as u64
    }

    /// The file's name, for messages.
    #[must_use]
    pub fn file_name(&self) -> &str {
        &self.0.file_name
    }

    fn bytes_of(&self, entry: &Entry) -> Section {
        // `decode_end` proved that every section ends before the table, so both numbers fit.
        let start = entry.offset as usize;
        Section { view: self.0.view.clone(), range: start..start + entry.length as usize }
    }

    fn check(&self, name: &str, entry: &Entry) -> Result<Section> {
        let section = self.bytes_of(entry);
        if xxh3_64(&section) == entry.checksum {
            return Ok(section);
        }
        let what = format!("the checksum of its section {name:?} does not match");
        Err(Error::corrupt(&self.0.file_name, what).with("section", name))
    }
}

impl fmt::Debug for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { file_name, table, sections_end, .. } = &*self.0;
        write!(f, "Container({file_name:?}, {} sections, {sections_end} bytes)", table.len())
    }
}

/// The hash in `<prefix>-<32 hex digits>.<extension>`.
fn hash_in(file_name: &str) -> Option<u128> {
    let (stem, _) = file_name.rsplit_once('.')?;
    let (_, digits) = stem.rsplit_once('-')?;
    if digits.len() != 32 { None } else { u128::from_str_radix(digits, 16).ok() }
}

impl Section {
    /// The same bytes in the form that tantivy reads; nothing is copied.
    #[must_use]
    pub fn to_owned_bytes(&self) -> SectionBytes {
        SectionBytes::new(self.view.clone()).slice(self.range.clone())
    }

    /// A section that lies in no file: for tests, and for what is built in memory.
    #[must_use]
    pub fn from_view(view: FileView) -> Self {
        let range = 0..view.len();
        Self { view, range }
    }

    /// A part of these bytes; `None` when `range` leaves them.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Option<Self> {
        if range.start > range.end || range.end > self.range.len() {
            return None;
        }
        let start = self.range.start;
        Some(Self { view: self.view.clone(), range: start + range.start..start + range.end })
    }
}

impl Deref for Section {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.view[self.range.clone()]
    }
}

impl AsRef<[u8]> for Section {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Section({} bytes)", self.len())
    }
}
