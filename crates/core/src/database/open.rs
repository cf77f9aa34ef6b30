//! Opening and closing a store.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::{Database, Writer, closed};
use crate::error::{Error, ErrorKind, Result};
use crate::generation::ledger::Ledger;
use crate::generation::manifest::{CURRENT, MANIFEST_FORMAT, Manifest};
use crate::generation::publish::publish;
use crate::generation::recover::{Recovered, recover};
use crate::generation::retain::Retention;
use crate::generation::state::State;
use crate::storage::log::{LogFiles, fresh_salt, replay};
use crate::storage::vfs::{LockMode, Vfs, VfsLock};

const LOCK: &str = "LOCK";
const LOCK_INFO: &str = "LOCK.info";
/// Held shared by read-only handles: while anybody holds it, no file is deleted.
pub(super) const READERS: &str = "READERS";
/// How long `open` waits for a writer that is going away, as in a restart.
const LOCK_PATIENCE: Duration = Duration::from_secs(1);

/// How a store is opened.
#[derive(Debug, Clone, Default)]
pub struct OpenOptions {
    /// Refuse every write; several processes may do so beside one writer. The state is the one at open.
    pub read_only: bool,
    /// Which generations stay.
    pub retention: Retention,
}

impl Database {
    /// Opens a store, or makes one in an empty directory.
    ///
    /// # Errors
    /// `Locked` while another process writes it, `NotFound` for a read-only open of an empty directory, `Corrupt` naming
    /// the file, `FormatTooNew`, `Io`.
    pub fn open(vfs: Arc<dyn Vfs>, options: &OpenOptions) -> Result<Arc<Self>> {
        let lock = if options.read_only { lock(&*vfs, READERS, LockMode::Shared)? } else { lock_writer(&*vfs)? };
        let recovered = match recover(&*vfs)? {
            Some(recovered) => recovered,
            None if options.read_only => {
                return Err(Error::new(
                    ErrorKind::NotFound,
                    format!("{} holds no database; open it without readOnly to make one", vfs.location()),
                )
                .with("path", vfs.location()));
            }
            None => create(&*vfs)?,
        };
        let trash = if options.read_only { BTreeSet::new() } else { leftovers(&*vfs, &recovered)? };
        let Recovered { manifest, state, ledger, replay } = recovered;
        let log = if options.read_only { None } else { Some(LogFiles::recover(vfs.clone(), replay, fresh_salt())?) };
        let database = Arc::new(Self {
            vfs,
            retention: options.retention,
            read_only: options.read_only,
            closed: AtomicBool::new(false),
            current: RwLock::new(Arc::new(state)),
            queue: Mutex::new(VecDeque::new()),
            writer: Mutex::new(Writer { manifest, log, ledger, snapshot: None, trash, failed: None }),
            build: Mutex::new(None),
            maintenance: Mutex::new(()),
            kept: Mutex::new(BTreeMap::new()),
            in_flight: AtomicUsize::new(0),
            locks: Mutex::new(vec![lock]),
        });
        if !options.read_only {
            database.collect_garbage(&mut database.writer());
        }
        Ok(database)
    }

    /// Commits what was queued, syncs the log, and lets go of the directory. Idempotent. Searches that run go on with the
    /// state that they hold; later calls get `Closed`.
    ///
    /// # Errors
    /// `Io` or `DiskFull` when the last sync fails: writes without durability `sync` may be lost then.
    pub fn close(&self) -> Result<()> {
        if self.closed.load(Ordering::Acquire) {
            return Ok(());
        }
        if !self.read_only {
            self.commit_pending();
        }
        self.closed.store(true, Ordering::Release);
        self.commit_pending();
        let log = {
            let mut writer = self.writer();
            // Maintenance may still be at it: from here on the directory is not ours to publish into.
            writer.failed.get_or_insert_with(closed);
            writer.log.take()
        };
        let synced = log.map_or(Ok(()), LogFiles::close);
        self.build().take();
        self.locks.lock().unwrap_or_else(PoisonError::into_inner).clear();
        synced
    }
}

fn lock_writer(vfs: &dyn Vfs) -> Result<Box<dyn VfsLock>> {
    let guard = lock(vfs, LOCK, LockMode::Exclusive)?;
    // For messages only: the lock itself dies with its process, this file does not.
    let _ = vfs.create(LOCK_INFO).and_then(|mut file| file.write_all(format!("{}\n", std::process::id()).as_bytes()));
    Ok(guard)
}

fn lock(vfs: &dyn Vfs, name: &str, mode: LockMode) -> Result<Box<dyn VfsLock>> {
    let deadline = Instant::now() + LOCK_PATIENCE;
    loop {
        if let Some(guard) = vfs.try_lock(name, mode).map_err(|error| Error::io("lock", name, error))? {
            return Ok(guard);
        }
        if Instant::now() >= deadline {
            let holder = vfs.read(LOCK_INFO).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let holder = holder.map(|pid| pid.trim().to_owned()).filter(|pid| !pid.is_empty());
            return Err(Error::new(
                ErrorKind::Locked,
                format!(
                    "{} is being written by another process{}. Close it there, or open it here with readOnly: true.",
                    vfs.location(),
                    holder.as_ref().map_or_else(String::new, |pid| format!(" (process {pid})"))
                ),
            )
            .with("path", vfs.location())
            .with("pid", holder));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Publishes generation 1, empty.
fn create(vfs: &dyn Vfs) -> Result<Recovered> {
    let manifest = Manifest {
        format: MANIFEST_FORMAT,
        publication: 1,
        generation: 1,
        revision: 1,
        previous: None,
        sequence: 0,
        created_ms: now_ms(),
        pinned: false,
        collections: Vec::new(),
        kept: Vec::new(),
        next_generation: 2,
    };
    publish(vfs, &manifest)?;
    let state = State { generation: 1, sequence: 0, collections: BTreeMap::new() };
    Ok(Recovered { manifest, state, ledger: Ledger::new(), replay: replay(vfs, 0, &mut |_, _, _| Ok(()))? })
}

/// Files of our kinds that nothing names: left by a crash. Unknown files are not ours to judge.
fn leftovers(vfs: &dyn Vfs, recovered: &Recovered) -> Result<BTreeSet<String>> {
    let needed = recovered.manifest.referenced();
    let files = vfs.list("").map_err(|error| Error::io("list", &vfs.location(), error))?;
    let ours = |name: &String| {
        ["tmp-", "seg-", "del-", "lsa-", "MANIFEST-"].iter().any(|prefix| name.starts_with(prefix)) && name != CURRENT
    };
    Ok(files.into_iter().filter(ours).filter(|name| !needed.contains(name)).collect())
}

pub(super) fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
