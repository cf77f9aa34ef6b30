//! A sealed text index: one tantivy segment and exact lengths, read in place from the sections of a segment file.

use std::fmt;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tantivy::error::DataCorruption;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, Index, InvertedIndexReader, SegmentReader, TERMINATED, Term};

use super::directory::{EXTENSIONS, SectionDirectory};
use super::lengths::{Lengths, StoredLengths};
use super::{SectionBytes, TextIndex};
use crate::error::{Error, Result};

/// Names of the fields: a JSON array of strings, by index.
pub(super) const FIELDS_SECTION: &str = "text/fields";
/// See [`super::lengths`].
pub(super) const LENGTHS_SECTION: &str = "text/lengths";

/// The section of one tantivy file.
pub(super) fn section_name(extension: &str) -> String {
    format!("text/{extension}")
}

/// The text index of a sealed segment; document ids of tantivy are rows.
pub struct SealedText {
    reader: SegmentReader,
    names: Vec<String>,
    lengths: StoredLengths,
}

impl SealedText {
    /// Opens what [`SealedTextWriter`](super::writer::SealedTextWriter) wrote; `section` gives the bytes of a section.
    /// Reads a few headers; dictionaries and postings are read in place when asked for.
    ///
    /// # Errors
    /// `Corrupt` when a section is missing or is not what was written.
    pub fn open(section: &dyn Fn(&str) -> Option<SectionBytes>) -> Result<Self> {
        let need = |name: &str| section(name).ok_or_else(|| Error::corrupt(name, "the section is missing"));
        let names: Vec<String> = serde_json::from_slice(&need(FIELDS_SECTION)?)
            .map_err(|source| Error::corrupt(FIELDS_SECTION, "it is no list of names").because(source))?;
        let lengths = StoredLengths::open(LENGTHS_SECTION, need(LENGTHS_SECTION)?)?;
        if lengths.fields() != names.len() {
            let what = format!("it has {} fields, {FIELDS_SECTION:?} names {}", lengths.fields(), names.len());
            return Err(Error::corrupt(LENGTHS_SECTION, what));
        }
        let files = EXTENSIONS.map(|extension| Ok((extension, need(&section_name(extension))?)));
        let files = files.into_iter().collect::<Result<Vec<_>>>()?;
        let directory = SectionDirectory::new(files, names.len(), lengths.rows());
        let reader = guarded(|| {
            let index = Index::open(directory)?;
            let segments = index.searchable_segments()?;
            SegmentReader::open(segments.first().expect("the directory names one segment"))
        })?;
        Ok(Self { reader, names, lengths })
    }

    /// Number of rows, those without text included.
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.lengths.rows()
    }

    /// The fields that rows of this part can have.
    #[must_use]
    pub fn fields(&self) -> &[String] {
        &self.names
    }

    /// The postings of one term, `None` when no row has it.
    fn open_postings(
        &self,
        field: &str,
        term: &str,
        what: IndexRecordOption,
    ) -> tantivy::Result<Option<SegmentPostings>> {
        let Some(at) = self.names.iter().position(|name| name == field) else { return Ok(None) };
        let field = Field::from_field_id(u32::try_from(at).expect("the length section counts fields by u32"));
        let index: Arc<InvertedIndexReader> = self.reader.inverted_index(field)?;
        Ok(index.read_postings(&Term::from_field_text(field, term), what)?)
    }
}

impl TextIndex for SealedText {
    fn postings(&self, field: &str, term: &str, rows: Range<u32>, out: &mut Vec<(u32, u32)>) -> Result<()> {
        guarded(|| {
            let Some(mut postings) = self.open_postings(field, term, IndexRecordOption::WithFreqs)? else {
                return Ok(());
            };
            let end = rows.end.min(self.rows());
            let mut row = if postings.doc() < rows.start { postings.seek(rows.start) } else { postings.doc() };
            let mut next = rows.start;
            while row < end {
                if row < next {
                    return Err(DataCorruption::comment_only("rows of a term do not ascend").into());
                }
                out.push((row, postings.term_freq()));
                next = row + 1;
                row = postings.advance();
            }
            Ok(())
        })
    }

    fn positions(&self, field: &str, term: &str, rows: &[u32], visit: &mut dyn FnMut(u32, &[u32])) -> Result<()> {
        guarded(|| {
            let what = IndexRecordOption::WithFreqsAndPositions;
            let Some(mut postings) = self.open_postings(field, term, what)? else { return Ok(()) };
            let mut positions = Vec::new();
            for &row in rows {
                if postings.doc() < row {
                    postings.seek(row);
                }
                match postings.doc() {
                    TERMINATED => break,
                    found if found == row => {
                        postings.positions(&mut positions);
                        visit(row, &positions);
                    }
                    _ => {}
                }
            }
            Ok(())
        })
    }

    fn lengths(&self, field: &str) -> Lengths<'_> {
        self.names.iter().position(|name| name == field).map_or_else(Lengths::default, |at| self.lengths.field(at))
    }
}

impl fmt::Debug for SealedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedText({} rows, fields {:?})", self.rows(), self.names)
    }
}

/// tantivy trusts its files and panics on damaged ones: both ways of failing become `Corrupt`.
fn guarded<T>(work: impl FnOnce() -> tantivy::Result<T>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(source)) => Err(Error::corrupt("text", &source).because(source)),
        Err(_) => Err(Error::corrupt("text", "its postings cannot be decoded")),
    }
}
