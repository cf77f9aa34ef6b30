//! The threads that work for JavaScript: two pools for the whole process, grown on demand, never joined.
//!
//! They are detached, so an idle pool keeps no process alive and a dying worker thread of Node waits for nobody; a job
//! whose environment is gone settles a promise that no longer exists, which is a no-op.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

/// Threads for whatever may wait for a disk or a lock: commits, maintenance, seals. One that waits costs nothing, and
/// searches must not stand behind it.
const STORE_THREADS: usize = 8;

/// A unit of work.
type Job = Box<dyn FnOnce() + Send>;

/// Threads with one queue, first in, first out.
pub(crate) struct Pool {
    name: &'static str,
    queue: Mutex<Queue>,
    wake: Condvar,
}

struct Queue {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
    limit: usize,
}

impl Pool {
    fn new(name: &'static str, limit: usize) -> Self {
        Self {
            name,
            queue: Mutex::new(Queue { jobs: VecDeque::new(), threads: 0, idle: 0, limit }),
            wake: Condvar::new(),
        }
    }

    /// Queues `job`; a thread is started when none is free and the limit allows one. A panic of the job ends the job only.
    pub(crate) fn submit(&'static self, job: impl FnOnce() + Send + 'static) {
        let mut queue = self.lock();
        queue.jobs.push_back(Box::new(job));
        if queue.jobs.len() > queue.idle && queue.threads < queue.limit {
            let started = thread::Builder::new().name(self.name.to_owned()).spawn(|| self.work());
            match started {
                Ok(_) => queue.threads += 1,
                // With no thread at all the queue would never move: this one does the job, late rather than never.
                Err(_) if queue.threads == 0 => {
                    let job = queue.jobs.pop_back();
                    drop(queue);
                    job.into_iter().for_each(run);
                    return;
                }
                Err(_) => {}
            }
        }
        drop(queue);
        self.wake.notify_one();
    }

    fn work(&'static self) {
        let mut queue = self.lock();
        loop {
            while let Some(job) = queue.jobs.pop_front() {
                drop(queue);
                run(job);
                queue = self.lock();
            }
            queue.idle += 1;
            queue = self.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
            queue.idle -= 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn run(job: Job) {
    // What the job owed (a promise, a count) is settled by the `Drop` of what it held.
    let _ = catch_unwind(AssertUnwindSafe(job));
}

/// Threads for reading: as many as the machine has cores, at least 2.
pub(crate) fn searchers() -> &'static Pool {
    static POOL: OnceLock<Pool> = OnceLock::new();
    POOL.get_or_init(|| Pool::new("gennaker-search", default_threads()))
}

/// Threads for everything that waits for a disk or a lock.
pub(crate) fn keepers() -> &'static Pool {
    static POOL: OnceLock<Pool> = OnceLock::new();
    POOL.get_or_init(|| Pool::new("gennaker-store", STORE_THREADS))
}

/// Sets how many threads read; 0 changes nothing. The pool belongs to the process, so the last wish counts; threads that
/// run already stay.
pub(crate) fn limit_searchers(threads: usize) {
    if threads > 0 {
        searchers().lock().limit = threads;
    }
}

fn default_threads() -> usize {
    thread::available_parallelism().map_or(2, usize::from).max(2)
}
