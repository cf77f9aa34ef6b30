//! The threads that work for JavaScript: two pools for the whole process, grown on demand, never joined.
//!
//! They are detached, so an idle pool keeps no process alive and a dying worker thread of Node waits for nobody; a job
//! whose environment is gone settles a promise that no longer exists, which is a no-op.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
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

/// Jobs that must not overtake one another: one at a time, in the order of submission.
#[derive(Default)]
pub(crate) struct Sequence {
    jobs: Mutex<VecDeque<Job>>,
    is_running: AtomicBool,
}

impl Sequence {
    /// Queues `job` for the threads that keep the store.
    pub(crate) fn submit(self: &Arc<Self>, job: impl FnOnce() + Send + 'static) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).push_back(Box::new(job));
        if !self.is_running.swap(true, Ordering::AcqRel) {
            let sequence = self.clone();
            keepers().submit(move || sequence.work());
        }
    }

    fn work(&self) {
        loop {
            let job = {
                let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
                let job = jobs.pop_front();
                if job.is_none() {
                    // Under the lock, so that a job that is queued now finds that nobody runs.
                    self.is_running.store(false, Ordering::Release);
                }
                job
            };
            let Some(job) = job else { return };
            run(job);
        }
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;

    fn pool(limit: usize) -> &'static Pool {
        Box::leak(Box::new(Pool::new("test", limit)))
    }

    #[test]
    fn a_panicking_job_ends_nothing_but_itself() {
        let (pool, (sender, receiver)) = (pool(1), channel());
        pool.submit(|| panic!("on purpose"));
        pool.submit(move || sender.send(()).unwrap());
        receiver.recv_timeout(Duration::from_secs(10)).unwrap();
    }

    #[test]
    fn jobs_run_beside_each_other_up_to_the_limit() {
        let (pool, (sender, receiver)) = (pool(2), channel());
        let meeting = Arc::new(std::sync::Barrier::new(2));
        for _ in 0..2 {
            let (meeting, sender) = (meeting.clone(), sender.clone());
            pool.submit(move || {
                meeting.wait();
                sender.send(()).unwrap();
            });
        }
        for _ in 0..2 {
            receiver.recv_timeout(Duration::from_secs(10)).unwrap();
        }
        assert_eq!(pool.lock().threads, 2);
    }

    #[test]
    fn a_sequence_keeps_its_order_and_survives_a_panic() {
        let (sequence, (sender, receiver)) = (Arc::new(Sequence::default()), channel());
        for number in 0..200 {
            let sender = sender.clone();
            sequence.submit(move || {
                if number == 100 {
                    panic!("on purpose");
                }
                sender.send(number).unwrap();
            });
        }
        let seen: Vec<i32> = (0..199).map(|_| receiver.recv_timeout(Duration::from_secs(10)).unwrap()).collect();
        assert_eq!(seen, (0..200).filter(|number| *number != 100).collect::<Vec<_>>());
    }
}
