//! Writing a container: under a temporary name, synced, then renamed to the hash of its contents.

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::layout::{Entry, Kind, Table, encode_end, padding};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::publish::temporary_name;
use crate::storage::vfs::{Vfs, VfsFile};

/// Small writes are gathered up to this many bytes.
const BUFFER: usize = 256 * 1024;

/// A finished container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// `<prefix>-<32 hex digits>.<extension>`; the digits are the xxh3-128 of all bytes.
    pub name: String,
    /// In bytes.
    pub length: u64,
    /// Covers every byte that matters; a manifest keeps it, so that two swapped files are noticed at open.
    pub fingerprint: u64,
}

/// Writes sections in order; [`finish`](Self::finish) gives the file its name. Dropped before, it takes its file away.
pub struct ContainerWriter<'a> {
    vfs: &'a dyn Vfs,
    kind: Kind,
    temporary: String,
    file: Option<Box<dyn VfsFile>>,
    buffer: Vec<u8>,
    written: u64,
    hash: Xxh3,
    table: Table,
    open: Option<OpenSection>,
    failed: bool,
}

struct OpenSection {
    name: String,
    offset: u64,
    hash: Xxh3,
}

impl<'a> ContainerWriter<'a> {
    /// Begins a container of `kind` under a temporary name.
    pub fn create(vfs: &'a dyn Vfs, kind: Kind) -> Result<Self> {
        let temporary = temporary_name();
        let file = vfs.create(&temporary).map_err(|e| Error::io("create", &temporary, e))?;
        let (buffer, hash, table) = (Vec::new(), Xxh3::new(), Table::new());
        Ok(Self { vfs, kind, temporary, file: Some(file), buffer, written: 0, hash, table, open: None, failed: false })
    }

    /// A whole section at once. Names are unique, 1 to 65,535 bytes.
    pub fn section(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.begin_section(name)?;
        self.write(bytes)?;
        self.end_section()
    }

    /// Begins a section whose bytes follow by [`write`](Self::write).
    pub fn begin_section(&mut self, name: &str) -> Result<()> {
        if self.open.is_some() || self.table.contains_key(name) || !(1..=usize::from(u16::MAX)).contains(&name.len()) {
            return Err(misuse(format_args!("section {name:?} begins inside another, twice, or without a fit name")));
        }
        self.open = Some(OpenSection { name: name.into(), offset: self.written, hash: Xxh3::new() });
        Ok(())
    }

    /// Appends to the open section.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let Some(open) = &mut self.open else {
            return Err(misuse("bytes outside a section"));
        };
        open.hash.update(bytes);
        self.append(bytes)
    }

    /// Bytes in the open section so far; 0 without one. Offset tables are made from it.
    #[must_use]
    pub fn section_length(&self) -> u64 {
        self.open.as_ref().map_or(0, |open| self.written - open.offset)
    }

    /// Ends the open section.
    pub fn end_section(&mut self) -> Result<()> {
        let Some(open) = self.open.take() else {
            return Err(misuse("the end of a section that never began"));
        };
        let length = self.written - open.offset;
        self.table.insert(open.name, Entry { offset: open.offset, length, checksum: open.hash.digest() });
        self.append(&[0; 64][..padding(self.written)])
    }

    /// Writes the table and the footer, syncs, and renames to `<prefix>-<hash>.<extension>`. The name is durable after
    /// [`Vfs::sync_dir`], which the caller calls once for many files, before the manifest that names them.
    ///
    /// The same contents give the same name; a file that has it already and is sound stays.
    pub fn finish(mut self, prefix: &str, extension: &str) -> Result<Written> {
        if self.open.is_some() || self.failed {
            return Err(misuse("a container is finished inside a section or after an error"));
        }
        let (end, fingerprint) = encode_end(self.kind, self.written, &self.table);
        self.append(&end)?;
        self.flush()?;
        let mut file = self.file.take().expect("the file is taken here alone");
        file.sync().map_err(|e| Error::io("sync", &self.temporary, e))?;
        drop(file);
        let hash = self.hash.digest128();
        let name = format!("{prefix}-{hash:032x}.{extension}");
        if self.is_there(&name, hash) {
            // A temporary file that stays behind is collected at the next open.
            let _ = self.vfs.remove(&self.temporary);
        } else {
            self.vfs.rename(&self.temporary, &name).map_err(|e| Error::io("publish", &name, e))?;
        }
        self.temporary.clear();
        Ok(Written { name, length: self.written, fingerprint })
    }

    fn is_there(&self, name: &str, hash: u128) -> bool {
        self.vfs.length(name).is_ok_and(|length| length == self.written)
            && self.vfs.view(name).is_ok_and(|view| xxh3_128(&view) == hash)
    }

    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.hash.update(bytes);
        self.written += bytes.len() as u64;
        if self.buffer.len() + bytes.len() <= BUFFER {
            self.buffer.extend_from_slice(bytes);
            return Ok(());
        }
        self.flush()?;
        if bytes.len() < BUFFER {
            self.buffer.extend_from_slice(bytes);
            return Ok(());
        }
        self.put(bytes)
    }

    fn flush(&mut self) -> Result<()> {
        let buffer = std::mem::take(&mut self.buffer);
        self.put(&buffer)?;
        self.buffer = buffer;
        self.buffer.clear();
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        let file = self.file.as_mut().ok_or_else(|| misuse("bytes after the end"))?;
        file.write_all(bytes).map_err(|e| {
            self.failed = true;
            Error::io("write", &self.temporary, e)
        })
    }
}

impl Drop for ContainerWriter<'_> {
    fn drop(&mut self) {
        if !self.temporary.is_empty() {
            self.file = None;
            let _ = self.vfs.remove(&self.temporary);
        }
    }
}

fn misuse(what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Internal, format!("a container is written in the wrong order: {what}"))
}
