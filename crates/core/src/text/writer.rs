//! Writing a sealed text index: rows in, named sections out, the same bytes for the same rows.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tantivy::directory::{Directory, RamDirectory};
use tantivy::indexer::SingleSegmentIndexWriter;
use tantivy::schema::Field;
use tantivy::store::Compressor;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};
use tantivy::{Index, IndexSettings, TantivyDocument};

use super::analyze::Analyzer;
use super::directory::{EXTENSIONS, schema, tokenizer_name};
use super::index::{FIELDS_SECTION, LENGTHS_SECTION, section_name};
use super::lengths;
use crate::document::TextField;
use crate::error::{Error, ErrorKind, Result};

/// tantivy sizes its first hash table by this; the table grows as it must.
const TABLE_BUDGET: usize = 3 << 20;

/// Collects rows and gives the sections of their text index. Texts are analysed and let go row by row.
pub struct SealedTextWriter {
    directory: RamDirectory,
    writer: SingleSegmentIndexWriter,
    names: Vec<String>,
    /// Counted words of the text that each field's tokenizer saw last.
    counted: Vec<Arc<AtomicU32>>,
    lengths: Vec<Vec<[u8; 4]>>,
    rows: u32,
}

impl SealedTextWriter {
    /// A writer for rows with `fields`, each analysed in its language.
    ///
    /// # Errors
    /// `InvalidSchema` for an unknown language.
    pub fn new(fields: &[TextField]) -> Result<Self> {
        let tokenizers = TokenizerManager::new();
        let mut counted = Vec::with_capacity(fields.len());
        for (at, field) in fields.iter().enumerate() {
            let count = Arc::<AtomicU32>::default();
            let analyzer = Arc::new(Analyzer::for_language(&field.language)?);
            tokenizers.register(&tokenizer_name(at), FieldTokenizer::new(analyzer, Arc::clone(&count)));
            counted.push(count);
        }
        let directory = RamDirectory::create();
        let settings = IndexSettings {
            docstore_compression: Compressor::None,
            docstore_compress_dedicated_thread: false,
            ..IndexSettings::default()
        };
        let mut index = Index::create(directory.clone(), schema(fields.len()), settings).map_err(write_failed)?;
        index.set_tokenizers(tokenizers);
        Ok(Self {
            directory,
            writer: SingleSegmentIndexWriter::new(index, TABLE_BUDGET).map_err(write_failed)?,
            names: fields.iter().map(|field| field.name.clone()).collect(),
            counted,
            lengths: vec![Vec::new(); fields.len()],
            rows: 0,
        })
    }

    /// Adds the next row: its texts by field, each field at most once. A row without text has none.
    ///
    /// # Errors
    /// `Internal` for a field that the writer was not made for, or one given twice.
    pub fn add_row(&mut self, texts: &[(&str, &str)]) -> Result<()> {
        let mut document = TantivyDocument::new();
        let mut seen = vec![false; self.names.len()];
        for &(name, text) in texts {
            let at = position_of(&self.names, name, &mut seen)?;
            document.add_text(Field::from_field_id(u32::try_from(at).expect("far fewer fields than u32 counts")), text);
        }
        self.writer.add_document(document).map_err(write_failed)?;
        for (count, lengths) in self.counted.iter().zip(&mut self.lengths) {
            lengths.push(count.swap(0, Ordering::Relaxed).to_le_bytes());
        }
        self.rows += 1;
        Ok(())
    }

    /// Rows added so far.
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.rows
    }

    /// The sections by name. Equal rows give equal bytes.
    ///
    /// # Errors
    /// `Internal` when tantivy fails in memory.
    pub fn finish(self) -> Result<Vec<(String, Vec<u8>)>> {
        let Self { directory, writer, names, lengths, .. } = self;
        let index = writer.finalize().map_err(write_failed)?;
        let segments = index.searchable_segment_ids().map_err(write_failed)?;
        let stem = segments.first().expect("the writer made one segment").uuid_string();
        let mut sections = Vec::with_capacity(EXTENSIONS.len() + 2);
        for extension in EXTENSIONS {
            let file = directory.open_read(Path::new(&format!("{stem}.{extension}"))).map_err(write_failed)?;
            let bytes = file.read_bytes().map_err(write_failed)?;
            sections.push((section_name(extension), bytes.as_slice().to_vec()));
        }
        let names = serde_json::to_vec(&names).expect("strings are JSON");
        sections.push((FIELDS_SECTION.to_owned(), names));
        sections.push((LENGTHS_SECTION.to_owned(), lengths::encode(&lengths)));
        Ok(sections)
    }
}

/// The index of field `name`, once per row.
pub(super) fn position_of(names: &[String], name: &str, seen: &mut [bool]) -> Result<usize> {
    let at = names.iter().position(|known| known == name).ok_or_else(|| {
        Error::new(ErrorKind::Internal, format!("text field {name:?} is not among the fields {names:?} of this index"))
    })?;
    if std::mem::replace(&mut seen[at], true) {
        return Err(Error::new(ErrorKind::Internal, format!("text field {name:?} comes twice in one row")));
    }
    Ok(at)
}

fn write_failed(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Internal, format!("cannot index text in memory: {source}. Please report this."))
        .because(source)
}

/// Our analysis as tantivy wants it: all tokens of a text first, then one at a time.
#[derive(Clone)]
struct FieldTokenizer {
    analyzer: Arc<Analyzer>,
    counted: Arc<AtomicU32>,
    /// The terms of one text, one after the other.
    terms: String,
    /// Where each term ends in `terms`, and its position.
    ends: Vec<(usize, u32)>,
}

impl FieldTokenizer {
    fn new(analyzer: Arc<Analyzer>, counted: Arc<AtomicU32>) -> Self {
        Self { analyzer, counted, terms: String::new(), ends: Vec::new() }
    }
}

impl Tokenizer for FieldTokenizer {
    type TokenStream<'a> = FieldTokens<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> FieldTokens<'a> {
        self.terms.clear();
        self.ends.clear();
        let mut counted = 0;
        let mut term = String::new();
        self.analyzer.tokens(text, &mut |token| {
            token.index_term(&mut term);
            self.terms.push_str(&term);
            self.ends.push((self.terms.len(), token.position));
            counted += u32::from(token.counted);
        });
        self.counted.store(counted, Ordering::Relaxed);
        FieldTokens { terms: &self.terms, ends: &self.ends, start: 0, token: Token::default() }
    }
}

struct FieldTokens<'a> {
    terms: &'a str,
    ends: &'a [(usize, u32)],
    start: usize,
    token: Token,
}

impl TokenStream for FieldTokens<'_> {
    fn advance(&mut self) -> bool {
        let Some((&(end, position), rest)) = self.ends.split_first() else { return false };
        self.token.text.clear();
        self.token.text.push_str(&self.terms[self.start..end]);
        self.token.position = position as usize;
        (self.start, self.ends) = (end, rest);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
