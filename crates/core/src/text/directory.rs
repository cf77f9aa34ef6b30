//! A read-only tantivy directory over the sections of a segment: no file, no lock, no clean-up.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use tantivy::Directory;
use tantivy::directory::error::{DeleteError, OpenReadError, OpenWriteError};
use tantivy::directory::{FileHandle, WatchCallback, WatchHandle, WritePtr};
use tantivy::schema::{IndexRecordOption, Schema, TextFieldIndexing, TextOptions};

use super::SectionBytes;

/// The files of a tantivy segment by extension; section `text/<extension>` holds the whole file.
pub(super) const EXTENSIONS: [&str; 6] = ["fast", "fieldnorm", "idx", "pos", "store", "term"];

/// tantivy's name of every segment: a fixed one, so that equal rows give equal bytes.
const SEGMENT_ID: &str = "00000000-0000-4000-8000-000000000000";

/// Fields are named by index: user names may hold anything.
pub(super) fn schema(fields: usize) -> Schema {
    let mut builder = Schema::builder();
    for field in 0..fields {
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(&tokenizer_name(field))
            .set_index_option(IndexRecordOption::WithFreqsAndPositions)
            .set_fieldnorms(false);
        builder.add_text_field(&tokenizer_name(field), TextOptions::default().set_indexing_options(indexing));
    }
    builder.build()
}

/// The name of a field and of its tokenizer.
pub(super) fn tokenizer_name(field: usize) -> String {
    format!("f{field}")
}

/// The sections under the names that tantivy asks for.
#[derive(Clone)]
pub(super) struct SectionDirectory {
    files: Arc<[(&'static str, SectionBytes)]>,
    meta: Arc<[u8]>,
}

impl SectionDirectory {
    /// `meta.json` is made here: it says what our own sections know better.
    pub(super) fn new(files: Vec<(&'static str, SectionBytes)>, fields: usize, rows: u32) -> Self {
        let meta = json!({
            "index_settings": { "docstore_compression": "none", "docstore_blocksize": 16_384 },
            "segments": [{ "segment_id": SEGMENT_ID, "max_doc": rows, "deletes": null }],
            "schema": schema(fields),
            "opstamp": 0,
        });
        Self { files: files.into(), meta: meta.to_string().into_bytes().into() }
    }

    fn file(&self, path: &Path) -> Option<&SectionBytes> {
        let extension = path.extension()?.to_str()?;
        self.files.iter().find(|(name, _)| *name == extension).map(|(_, bytes)| bytes)
    }
}

impl std::fmt::Debug for SectionDirectory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SectionDirectory({} files)", self.files.len())
    }
}

fn read_only() -> Arc<io::Error> {
    Arc::new(io::Error::new(io::ErrorKind::ReadOnlyFilesystem, "sealed segments never change"))
}

impl Directory for SectionDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        let file = self.file(path).ok_or_else(|| OpenReadError::FileDoesNotExist(path.to_owned()))?;
        Ok(Arc::new(file.clone()))
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        Ok(path == Path::new("meta.json") || self.file(path).is_some())
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        if path == Path::new("meta.json") {
            return Ok(self.meta.to_vec());
        }
        Err(OpenReadError::FileDoesNotExist(path.to_owned()))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        Err(DeleteError::IoError { io_error: read_only(), filepath: path.to_owned() })
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        Err(OpenWriteError::IoError { io_error: read_only(), filepath: PathBuf::from(path) })
    }

    fn atomic_write(&self, _: &Path, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}
