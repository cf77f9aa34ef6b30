//! One engine per directory and process: worker threads of Node that open the same directory for writing share it, since
//! the lock that bars other processes bars a second engine in this one too.
//!
//! Read-only handles are not shared: each shows the state at its own opening. Neither is memory: it is private to its
//! handle. Of handles that share an engine, the first one's options (retention) hold until the last one is closed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gennaker_core::database::{Database, OpenOptions};
use gennaker_core::error::{Error, Result};
use gennaker_core::storage::disk::Disk;
use gennaker_core::storage::memory::Memory;

use crate::engine::Engine;

/// Engines by canonical path. The inner lock is held while one opens or closes, so that nobody meets a half-open one.
static OPEN: Mutex<BTreeMap<PathBuf, Arc<Slot>>> = Mutex::new(BTreeMap::new());

type Slot = Mutex<Option<Shared>>;

struct Shared {
    engine: Arc<Engine>,
    leases: usize,
}

/// A share in an engine; the last one to go closes it.
pub(crate) struct Lease {
    engine: Arc<Engine>,
    /// `None` when the engine is private, or the lease was returned.
    shared: Option<(PathBuf, Arc<Slot>)>,
    returned: bool,
}

impl Lease {
    /// Opens the directory `path`, or memory when there is none.
    ///
    /// # Errors
    /// Those of `Disk::open` and `Database::open`.
    pub(crate) fn take(path: Option<&str>, options: &OpenOptions) -> Result<Self> {
        let Some(path) = path else {
            let engine = Engine::new(Database::open(Arc::new(Memory::new()), options)?);
            return Ok(Self { engine: Arc::new(engine), shared: None, returned: false });
        };
        let disk = Disk::open(Path::new(path), !options.read_only)?;
        if options.read_only {
            let engine = Engine::new(Database::open(Arc::new(disk), options)?);
            return Ok(Self { engine: Arc::new(engine), shared: None, returned: false });
        }
        let key = std::fs::canonicalize(path).map_err(|error| Error::io("resolve", path, error))?;
        let slot = lock(&OPEN).entry(key.clone()).or_default().clone();
        let mut state = lock(&slot);
        let engine = match &mut *state {
            Some(shared) => {
                shared.leases += 1;
                shared.engine.clone()
            }
            None => match Database::open(Arc::new(disk), options) {
                Ok(database) => {
                    let engine = Arc::new(Engine::new(database));
                    *state = Some(Shared { engine: engine.clone(), leases: 1 });
                    engine
                }
                Err(error) => {
                    drop(state);
                    forget(&key, &slot);
                    return Err(error);
                }
            },
        };
        drop(state);
        Ok(Self { engine, shared: Some((key, slot)), returned: false })
    }

    /// The engine.
    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Whether nothing is left to give back.
    pub(crate) fn is_returned(&self) -> bool {
        self.returned
    }

    /// Gives the share back, once; the last one closes the engine and waits for it.
    ///
    /// # Errors
    /// `Io` or `DiskFull` when the last sync fails.
    pub(crate) fn give_back(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.returned, true) {
            return Ok(());
        }
        let Some((key, slot)) = self.shared.take() else { return self.engine.database().close() };
        let mut state = lock(&slot);
        let is_last = state.as_mut().is_none_or(|shared| {
            shared.leases -= 1;
            shared.leases == 0
        });
        if !is_last {
            return Ok(());
        }
        *state = None;
        let closed = self.engine.database().close();
        drop(state);
        forget(&key, &slot);
        closed
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // What was acknowledged is in the log; an error of the last sync has nobody to go to.
        let _ = self.give_back();
    }
}

/// Removes an empty slot that nobody else waits for.
fn forget(key: &Path, slot: &Arc<Slot>) {
    let mut open = lock(&OPEN);
    // One count is the map's, one is ours; a third would be somebody about to open.
    if Arc::strong_count(slot) == 2 && lock(slot).is_none() {
        open.remove(key);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
