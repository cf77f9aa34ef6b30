//! All log files of a store: the one that grows and the older ones that wait for their flush.

use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::replay::{LogFile, Replay};
use super::writer::{LogWriter, reopen_first};
use crate::error::{Error, Result};
use crate::storage::publish::publish_file;
use crate::storage::vfs::Vfs;

/// The log of a store that is open for writing.
///
/// A flush: [`rotate`](Self::rotate) when its memtable is closed, publish the manifest with the new floor, then
/// [`remove_obsolete`](Self::remove_obsolete) with the lowest floor that a kept manifest still needs.
pub struct LogFiles {
    vfs: Arc<dyn Vfs>,
    older: Vec<LogFile>,
    writer: Option<LogWriter>,
    next_number: u64,
    last_sequence: u64,
    seed: u64,
    /// No file could be begun; like a writer that failed, the log then waits for the store to be opened again.
    poisoned: bool,
}

impl LogFiles {
    /// Goes on after [`replay`](super::replay()). A new file begins with the first frame, so that opening alone leaves
    /// nothing behind. `salt` comes from [`fresh_salt`](super::fresh_salt), or is fixed in tests.
    ///
    /// After a crash it first writes the files again whose frames nothing vouches for, O(their bytes): the process that
    /// wrote them may never have synced them, or its sync failed, and then they are perhaps in memory alone, where
    /// another sync would not find them.
    pub fn recover(vfs: Arc<dyn Vfs>, replay: Replay, salt: u64) -> Result<Self> {
        let Replay { last_sequence, durable_sequence, next_number, files, .. } = replay;
        let doubtful = files.iter().filter(|file| file.last_sequence > durable_sequence);
        for file in doubtful.clone() {
            let bytes = vfs.read(&file.name).map_err(|e| Error::io("read", &file.name, e))?;
            publish_file(&*vfs, &file.name, &bytes)?;
        }
        if doubtful.count() > 0 {
            vfs.sync_dir().map_err(|e| Error::io("sync", &vfs.location(), e))?;
        }
        Ok(Self { vfs, older: files, writer: None, next_number, last_sequence, seed: salt, poisoned: false })
    }

    /// See [`LogWriter::append`]; begins a new file when there is none.
    pub fn append(&mut self, first: u64, last: u64, payload: &[u8]) -> Result<()> {
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None if self.poisoned => return Err(reopen_first(&self.vfs.location())),
            None => {
                let number = self.next_number;
                self.next_number = number.saturating_add(1);
                let salt = xxh3_64_with_seed(&number.to_le_bytes(), self.seed);
                let created = LogWriter::create(&*self.vfs, number, salt, self.last_sequence);
                self.poisoned = created.is_err();
                self.writer.insert(created?)
            }
        };
        writer.append(first, last, payload)?;
        self.last_sequence = last;
        Ok(())
    }

    /// See [`LogWriter::sync`].
    pub fn sync(&mut self) -> Result<()> {
        self.writer.as_mut().map_or(Ok(()), LogWriter::sync)
    }

    /// See [`LogWriter::cover`]: for an idle log.
    pub fn cover(&mut self) -> Result<()> {
        self.writer.as_mut().map_or(Ok(()), LogWriter::cover)
    }

    /// Closes the file that grows, durable and covered; the next frame begins a new one.
    pub fn rotate(&mut self) -> Result<()> {
        if let Some(writer) = &mut self.writer {
            writer.cover()?;
            self.older.push(LogFile {
                name: writer.name().into(),
                last_sequence: writer.last_sequence(),
                length: writer.bytes(),
            });
            self.writer = None;
        }
        Ok(())
    }

    /// Deletes the files that hold nothing above `floor`, oldest first, and names them. What cannot be deleted now is
    /// tried again next time; a file that comes back after a power cut is skipped by replay and deleted then.
    pub fn remove_obsolete(&mut self, floor: u64) -> Vec<String> {
        let count = self.older.iter().take_while(|file| file.last_sequence <= floor).count();
        let mut removed = Vec::new();
        for file in &self.older[..count] {
            match self.vfs.remove(&file.name) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => break,
                _ => removed.push(file.name.clone()),
            }
        }
        self.older.drain(..removed.len());
        removed
    }

    /// The length of the file that grows, for the decision to rotate; 0 before its first frame.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.writer.as_ref().map_or(0, LogWriter::bytes)
    }

    /// The length of all files.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.bytes() + self.older.iter().map(|file| file.length).sum::<u64>()
    }

    /// The newest sequence in the log, or the floor it began with.
    #[must_use]
    pub fn last_sequence(&self) -> u64 {
        self.last_sequence
    }

    /// Closes the log, durable and covered.
    pub fn close(mut self) -> Result<()> {
        self.rotate()
    }
}
