//! Appending to one log file.

use super::file_name;
use super::frame::{FRAME, Frame, Header, MAX_PAYLOAD};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::vfs::{Vfs, VfsFile};

/// Payloads up to this are copied behind their head, so that a frame is one write.
const ONE_WRITE: usize = 64 * 1024;

/// One log file that grows. After a failed write or sync it refuses everything: what is on disk then is known only
/// after the store was opened again, and the same sync is never tried twice.
pub struct LogWriter {
    file: Box<dyn VfsFile>,
    name: String,
    salt: u64,
    bytes: u64,
    appended: u64,
    synced: u64,
    /// The newest synced-to that the file's frames carry.
    covered: u64,
    dirty: bool,
    poisoned: bool,
    scratch: Vec<u8>,
}

impl LogWriter {
    /// Creates the file, durable with its name. Its frames continue after sequence `after`, up to which everything must
    /// be durable elsewhere (older log files or segments).
    pub fn create(vfs: &dyn Vfs, number: u64, salt: u64, after: u64) -> Result<Self> {
        let name = file_name(number);
        if vfs.length(&name).is_ok() {
            return Err(Error::new(ErrorKind::Internal, format!("the log file {name:?} exists already")));
        }
        let header = Header { salt, number, after }.encode();
        let create = || {
            let mut file = vfs.create(&name)?;
            file.write_all(&header)?;
            file.sync()?;
            vfs.sync_dir()?;
            Ok(file)
        };
        let file = create().map_err(|e| Error::io("create", &name, e))?;
        Ok(Self {
            file,
            name,
            salt,
            bytes: header.len() as u64,
            appended: after,
            synced: after,
            covered: after,
            dirty: false,
            poisoned: false,
            scratch: Vec::new(),
        })
    }

    /// Writes one frame with the sequences `first..=last`, which continue those before. `payload` is not empty. Durable
    /// only after [`sync`](Self::sync).
    pub fn append(&mut self, first: u64, last: u64, payload: &[u8]) -> Result<()> {
        self.usable()?;
        if payload.len() > MAX_PAYLOAD {
            let message = format!("a batch of {} bytes is too large; the limit is {MAX_PAYLOAD}", payload.len());
            return Err(Error::new(ErrorKind::LimitExceeded, message).with("limit", MAX_PAYLOAD));
        }
        if Some(first) != self.appended.checked_add(1) || last < first || payload.is_empty() {
            let message = format!(
                "the log ends at sequence {} and cannot continue with {first} to {last} ({} bytes)",
                self.appended,
                payload.len()
            );
            return Err(Error::new(ErrorKind::Internal, message));
        }
        self.put(&Frame { first, last, synced_to: self.synced, payload })?;
        self.appended = last;
        Ok(())
    }

    /// Returns once everything appended is on stable storage.
    pub fn sync(&mut self) -> Result<()> {
        self.usable()?;
        if self.dirty {
            let done = self.file.sync();
            self.check(done, "sync")?;
            self.dirty = false;
        }
        self.synced = self.appended;
        Ok(())
    }

    /// Makes everything durable and says so in the file, so that later damage to the last frame is noticed too: for a
    /// log that is idle, rotated or closed. Costs a second sync, and nothing when it was done already.
    pub fn cover(&mut self) -> Result<()> {
        self.sync()?;
        if self.covered < self.appended {
            let (first, last) = (self.appended, self.appended);
            self.put(&Frame { first, last, synced_to: self.synced, payload: &[] })?;
            self.sync()?;
        }
        Ok(())
    }

    /// [`cover`](Self::cover), for the last time.
    pub fn close(mut self) -> Result<()> {
        self.cover()
    }

    /// The file's length so far, for the decision to rotate.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The newest sequence appended.
    #[must_use]
    pub fn last_sequence(&self) -> u64 {
        self.appended
    }

    /// The newest sequence that is durable.
    #[must_use]
    pub fn synced_sequence(&self) -> u64 {
        self.synced
    }

    /// The file's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn usable(&self) -> Result<()> {
        if self.poisoned { Err(reopen_first(&self.name)) } else { Ok(()) }
    }

    fn put(&mut self, frame: &Frame<'_>) -> Result<()> {
        let head = frame.encode_head(self.salt);
        self.dirty = true;
        let done = if frame.payload.len() <= ONE_WRITE {
            self.scratch.clear();
            self.scratch.extend_from_slice(&head);
            self.scratch.extend_from_slice(frame.payload);
            self.file.write_all(&self.scratch)
        } else {
            self.file.write_all(&head).and_then(|()| self.file.write_all(frame.payload))
        };
        self.check(done, "write")?;
        self.bytes += (FRAME + frame.payload.len()) as u64;
        self.covered = frame.synced_to;
        Ok(())
    }

    fn check(&mut self, done: std::io::Result<()>, action: &str) -> Result<()> {
        done.map_err(|e| {
            self.poisoned = true;
            Error::io(action, &self.name, e)
        })
    }
}

/// The error of a log that failed before.
pub(super) fn reopen_first(path: &str) -> Error {
    let message =
        format!("writing to {path:?} failed before, so nothing more is written. Close the database and open it again.");
    Error::new(ErrorKind::Io, message).with("path", path)
}
