//! One handle of JavaScript on an engine: it counts the calls in flight, so that closing can wait for them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use gennaker_core::database::Database;
use gennaker_core::error::{Error, ErrorKind, Result};

use crate::cancel::Cancelled;
use crate::engine::Engine;
use crate::events::Events;
use crate::registry::Lease;
use crate::workers::keepers;

/// Dropped without a close (its environment died, or nobody held it), it lets go of the engine when its last call ends.
pub(crate) struct Handle {
    engine: Arc<Engine>,
    lease: Mutex<Option<Lease>>,
    events: Option<Arc<Events>>,
    is_closing: AtomicBool,
    calls: Mutex<Calls>,
    idle: Condvar,
}

#[derive(Default)]
struct Calls {
    in_flight: usize,
    when_idle: Vec<Box<dyn FnOnce() + Send>>,
}

/// One call in flight; it keeps the engine open.
pub(crate) struct Call(Arc<Handle>);

impl Handle {
    pub(crate) fn new(lease: Lease, events: Option<Events>) -> Arc<Self> {
        let engine = lease.engine().clone();
        let events = events.map(Arc::new);
        if let Some(events) = &events {
            engine.listen(events.clone());
        }
        Arc::new(Self {
            engine,
            lease: Mutex::new(Some(lease)),
            events,
            is_closing: AtomicBool::new(false),
            calls: Mutex::default(),
            idle: Condvar::new(),
        })
    }

    /// Begins a call.
    ///
    /// # Errors
    /// `Closed` once closing has begun.
    pub(crate) fn enter(self: &Arc<Self>) -> Result<Call> {
        let mut calls = self.calls();
        if self.is_closing() {
            return Err(closed());
        }
        calls.in_flight += 1;
        Ok(Call(self.clone()))
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Acquire)
    }

    /// Refuses new calls and stops reads and long work at their next look.
    pub(crate) fn begin_closing(&self) {
        let _calls = self.calls();
        self.is_closing.store(true, Ordering::Release);
    }

    /// Has `job` done by a thread of the pool once no call is in flight.
    pub(crate) fn when_idle(&self, job: impl FnOnce() + Send + 'static) {
        let mut calls = self.calls();
        if calls.in_flight > 0 {
            calls.when_idle.push(Box::new(job));
        } else {
            drop(calls);
            keepers().submit(job);
        }
    }

    /// Blocks until no call is in flight.
    pub(crate) fn wait_until_idle(&self) {
        let mut calls = self.calls();
        while calls.in_flight > 0 {
            calls = self.idle.wait(calls).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Lets go of the engine. Idempotent; a second caller waits for the first.
    ///
    /// # Errors
    /// `Io` or `DiskFull` when this was the last handle and the last sync fails.
    pub(crate) fn release(&self) -> Result<()> {
        if let Some(events) = &self.events {
            self.engine.unlisten(events);
        }
        let mut lease = self.lease.lock().unwrap_or_else(PoisonError::into_inner);
        lease.as_mut().map_or(Ok(()), Lease::give_back)
    }

    fn leave(&self) {
        let mut calls = self.calls();
        calls.in_flight -= 1;
        if calls.in_flight == 0 {
            let jobs = std::mem::take(&mut calls.when_idle);
            drop(calls);
            self.idle.notify_all();
            jobs.into_iter().for_each(|job| keepers().submit(job));
        }
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Some(events) = &self.events {
            self.engine.unlisten(events);
        }
        let lease = self.lease.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(lease) = lease.filter(|lease| !lease.is_returned()) {
            // Not here: the last call may end inside a commit, and closing would wait for that commit.
            keepers().submit(move || drop(lease));
        }
    }
}

impl Call {
    pub(crate) fn database(&self) -> &Database {
        self.0.engine.database()
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.0.engine
    }

    /// Does work that stops when its caller raised the flag (`Aborted`) or its handle is being closed (`Closed`).
    ///
    /// # Errors
    /// Those, and the work's own.
    pub(crate) fn until<V>(&self, cancel: &Cancelled, work: impl FnOnce(&dyn Fn() -> bool) -> Result<V>) -> Result<V> {
        let stop = || cancel.is_raised() || self.0.is_closing();
        if stop() {
            return Err(if cancel.is_raised() { aborted() } else { closed() });
        }
        work(&stop).map_err(|error| match error.kind() {
            ErrorKind::Aborted if !cancel.is_raised() => closed(),
            _ => error,
        })
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.0.leave();
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the database is closed; open it again")
}

fn aborted() -> Error {
    Error::new(ErrorKind::Aborted, "the call was aborted; nothing was changed")
}
