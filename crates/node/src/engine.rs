//! A database with the work around it that belongs to no single call: commits shared by many writers, and maintenance.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gennaker_core::database::{Database, Done, Target, Write};
use gennaker_core::error::{Error, ErrorKind};
use serde_json::json;

use crate::errors::panicked;
use crate::events::Events;
use crate::workers::{Sequence, keepers};

/// After maintenance failed, writes do not start it again for this long.
const PATIENCE: Duration = Duration::from_secs(10);

/// One open store, shared by the handles of this process.
pub(crate) struct Engine {
    database: Arc<Database>,
    committer: Mutex<Committer>,
    is_maintaining: AtomicBool,
    maintenance_failed: Mutex<Option<Instant>>,
    listeners: Mutex<Vec<Arc<Events>>>,
    /// The generation that is being built; 0 when none is.
    building: AtomicU64,
    /// Writes to it, in the order of the calls; they never make live writers wait.
    build_writes: Arc<Sequence>,
}

/// Whether a job commits, and whether it has to look again: one job at a time, since the second would only wait.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Committer {
    Idle,
    Busy,
    BusyThenAgain,
}

impl Engine {
    pub(crate) fn new(database: Arc<Database>) -> Self {
        Self {
            database,
            committer: Mutex::new(Committer::Idle),
            is_maintaining: AtomicBool::new(false),
            maintenance_failed: Mutex::new(None),
            listeners: Mutex::new(Vec::new()),
            building: AtomicU64::new(0),
            build_writes: Arc::default(),
        }
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// The generation that is being built, as far as this process built it.
    pub(crate) fn building(&self) -> Option<u64> {
        Some(self.building.load(Ordering::Relaxed)).filter(|generation| *generation != 0)
    }

    pub(crate) fn set_building(&self, generation: u64) {
        self.building.store(generation, Ordering::Relaxed);
    }

    /// Forgets the build, if it is that one.
    pub(crate) fn end_building(&self, generation: u64) {
        let _ = self.building.compare_exchange(generation, 0, Ordering::Relaxed, Ordering::Relaxed);
    }

    pub(crate) fn listen(&self, events: Arc<Events>) {
        lock(&self.listeners).push(events);
    }

    pub(crate) fn unlisten(&self, events: &Arc<Events>) {
        lock(&self.listeners).retain(|other| !Arc::ptr_eq(other, events));
    }

    fn tell(&self, kind: &str, error: &Error) {
        let details: serde_json::Map<_, _> =
            error.details().iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let details = json!({ "code": error.kind().code(), "details": details });
        for events in &*lock(&self.listeners) {
            events.tell(kind, error.message(), &details);
        }
    }

    /// Queues a write in the order of the calls and returns; `done` is told the outcome. Live writes that come while
    /// another is being synced share the next sync.
    pub(crate) fn write(self: &Arc<Self>, mut write: Write, done: Done) {
        if let Target::Generation(generation) = write.target {
            if generation != self.database.snapshot().generation {
                let database = self.database.clone();
                return self.build_writes.submit(move || done(database.write(write)));
            }
            write.target = Target::Live;
        }
        self.database.enqueue(write, done);
        {
            let mut committer = lock(&self.committer);
            if *committer != Committer::Idle {
                *committer = Committer::BusyThenAgain;
                return;
            }
            *committer = Committer::Busy;
        }
        let engine = self.clone();
        keepers().submit(move || engine.commit());
    }

    fn commit(self: &Arc<Self>) {
        loop {
            // Calls that a panic swallows are told by the `Drop` of their promises.
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| self.database.commit_pending())) {
                self.tell("error", &panicked(&*payload));
            }
            let mut committer = lock(&self.committer);
            if *committer == Committer::Busy {
                *committer = Committer::Idle;
                break;
            }
            *committer = Committer::Busy;
        }
        self.maintain_if_due();
    }

    fn maintain_if_due(self: &Arc<Self>) {
        let failed = *lock(&self.maintenance_failed);
        if failed.is_some_and(|at| at.elapsed() < PATIENCE)
            || !self.database.maintenance_is_due()
            || self.is_maintaining.swap(true, Ordering::AcqRel)
        {
            return;
        }
        let engine = self.clone();
        keepers().submit(move || {
            let done = catch_unwind(AssertUnwindSafe(|| engine.database.maintain()));
            let done = done.unwrap_or_else(|payload| Err(panicked(&*payload)));
            *lock(&engine.maintenance_failed) = done.as_ref().err().map(|_| Instant::now());
            engine.is_maintaining.store(false, Ordering::Release);
            match done {
                // Closing stops it; what it would have done is done after the next opening.
                Err(error) if error.kind() != ErrorKind::Closed => engine.tell("error", &error),
                _ => {}
            }
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
