//! The one object that a binding holds: it opens, writes, searches and promotes by asking the rooms below.
//!
//! Readers take the current state (one `Arc`) and are never disturbed. Writers queue; whoever holds the writer commits the
//! whole queue with one sync of the log. Flushes, merges and fits work on a snapshot and hold the writer only to switch.

mod build;
mod generations;
mod maintain;
mod open;
mod prepare;
mod read;
mod report;
mod request;
mod switch;
mod write;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};

pub use build::{BeginFrom, BeginOptions, Sealed};
pub use generations::{GenerationInfo, GenerationState};
pub use open::OpenOptions;
pub use read::{DocumentRef, Scan};
pub use report::{CollectionStats, Problem, Stats, Verification};
pub use request::{Committed, Durability, NewDocument, Patch, PatchText, PatchVector, Write, WriteOp};
pub use switch::{Switched, Writes};
pub use write::Done;

use crate::error::{Error, ErrorKind, Result};
use crate::generation::ledger::Ledger;
use crate::generation::manifest::Manifest;
use crate::generation::retain::Retention;
use crate::generation::state::State;
use crate::storage::log::LogFiles;
use crate::storage::vfs::{Vfs, VfsLock};

/// Which state a call means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The live generation.
    Live,
    /// A build in progress, the live generation, or a kept one.
    Generation(u64),
}

/// An open store. All methods may be called from any thread.
pub struct Database {
    vfs: Arc<dyn Vfs>,
    retention: Retention,
    read_only: bool,
    closed: AtomicBool,
    current: RwLock<Arc<State>>,
    /// Calls waiting for a commit.
    queue: Mutex<VecDeque<write::Pending>>,
    writer: Mutex<Writer>,
    build: Mutex<Option<Build>>,
    /// Held by whoever flushes, merges or fits, so that one does.
    maintenance: Mutex<()>,
    /// Open states of kept generations, as long as somebody reads them.
    kept: Mutex<BTreeMap<u64, Weak<State>>>,
    /// Threads that write files which no manifest names yet: while there are any, nothing is deleted, since a file of the
    /// same contents has the same name.
    in_flight: AtomicUsize,
    /// Released by `close`.
    locks: Mutex<Vec<Box<dyn VfsLock>>>,
}

/// What only one thread at a time may touch.
struct Writer {
    /// The live manifest as last published.
    manifest: Manifest,
    /// `None` in a read-only or closed database.
    log: Option<LogFiles>,
    ledger: Ledger,
    /// Sequence of a snapshot that maintenance works on; deletes after it must be remembered.
    snapshot: Option<u64>,
    /// Files that nothing names any more and that could not be deleted yet.
    trash: BTreeSet<String>,
    /// Why nothing can be written any more.
    failed: Option<Error>,
}

/// A generation that is being built aside.
struct Build {
    generation: u64,
    /// Live writes after this sequence are carried over at promotion.
    begun: u64,
    state: Arc<State>,
    /// Being sealed: no writes any more.
    sealing: bool,
    /// Collections that the build replaces; `None` means all.
    collections: Option<Vec<String>>,
    /// Segment files that the build wrote, for cleaning up.
    files: BTreeSet<String>,
}

impl Database {
    /// The live state as of now.
    #[must_use]
    pub fn snapshot(&self) -> Arc<State> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether it was opened without the right to write.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Where it is, for messages.
    #[must_use]
    pub fn location(&self) -> String {
        self.vfs.location()
    }

    fn install(&self, state: Arc<State>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = state;
    }

    fn check_open(&self) -> Result<()> {
        if self.closed.load(Ordering::Acquire) {
            return Err(closed());
        }
        Ok(())
    }

    fn check_writable(&self) -> Result<()> {
        self.check_open()?;
        if self.read_only {
            return Err(Error::new(
                ErrorKind::ReadOnly,
                format!("{} was opened read-only; open it without readOnly to write", self.location()),
            ));
        }
        Ok(())
    }

    /// A poisoned mutex means that a panic crossed this room; what it guards is replaced as a whole, never half.
    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing_files(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::AcqRel);
        InFlight(&self.in_flight)
    }

    fn build(&self) -> MutexGuard<'_, Option<Build>> {
        self.build.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Files are being written while this lives.
struct InFlight<'a>(&'a AtomicUsize);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the database is closed; open it again")
}

impl Drop for Database {
    fn drop(&mut self) {
        // Everything acknowledged is in the log already; an error here has nobody to go to.
        let _ = self.close();
    }
}
