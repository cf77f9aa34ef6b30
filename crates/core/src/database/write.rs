//! Writing: calls queue, one of them commits all with one frame and one sync, and everybody is told.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, mpsc};

use super::request::{Committed, Durability, Write};
use super::{Database, Target, Writer};
use crate::error::{Error, ErrorKind, Result};
use crate::generation::journal::{Act, Record};
use crate::generation::recover::apply_record;
use crate::generation::state::State;
use crate::storage::log::LogFiles;

/// Bytes of records after which a commit ends its frame; the calls behind it get the next one.
const FRAME_BYTES: usize = 64 * 1024 * 1024;

/// Told the outcome, on the thread that committed.
pub type Done = Box<dyn FnOnce(Result<Committed>) + Send>;

/// A queued call.
pub(super) struct Pending {
    write: Write,
    done: Done,
}

impl Database {
    /// Queues a live write and returns at once; `done` is called by whoever runs [`commit_pending`](Self::commit_pending).
    /// A write to a build is not queued but done here: it has no log to share.
    pub fn enqueue(&self, write: Write, done: Done) {
        if let Target::Generation(generation) = write.target {
            return done(self.write_build(generation, &write));
        }
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).push_back(Pending { write, done });
    }

    /// Commits everything queued. Calls that wait together share a frame and a sync.
    pub fn commit_pending(&self) {
        let mut writer = self.writer();
        loop {
            let pending = std::mem::take(&mut *self.queue.lock().unwrap_or_else(PoisonError::into_inner));
            if pending.is_empty() {
                return;
            }
            self.commit(&mut writer, pending);
        }
    }

    /// Writes one batch and waits for it.
    ///
    /// # Errors
    /// What is wrong with the batch, before anything is changed; `Closed`, `ReadOnly`; `Io` or `DiskFull` when the log
    /// cannot be written: the batch may or may not be there after the store is opened again.
    pub fn write(&self, write: Write) -> Result<Committed> {
        if let Target::Generation(generation) = write.target {
            // A build has its own lock: it never makes live writers wait.
            return self.write_build(generation, &write);
        }
        let (sender, receiver) = mpsc::sync_channel(1);
        self.enqueue(write, Box::new(move |result| drop(sender.send(result))));
        self.commit_pending();
        receiver.recv().unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "a commit ended without an answer")))
    }

    fn commit(&self, writer: &mut Writer, mut pending: VecDeque<Pending>) {
        while !pending.is_empty() {
            let mut state = (*self.snapshot()).clone();
            let mut payload = Vec::new();
            let mut told: Vec<(Done, Result<Committed>)> = Vec::new();
            let (mut first, mut sync) = (None, false);
            while let Some(Pending { write, done }) = pending.pop_front() {
                let result = self.accept(writer, &mut state, &write, &mut payload);
                if let Ok((committed, true)) = &result {
                    first.get_or_insert(committed.sequence);
                    sync |= write.durability == Durability::Sync;
                }
                told.push((done, result.map(|(committed, _)| committed)));
                if payload.len() >= FRAME_BYTES {
                    break;
                }
            }
            if let Some(first) = first {
                match writer.append(first, state.sequence, &payload, sync) {
                    Ok(()) => self.install(Arc::new(state)),
                    Err(error) => {
                        writer.failed = Some(error.clone());
                        for (_, result) in &mut told {
                            *result = Err(error.clone());
                        }
                    }
                }
            }
            for (done, result) in told {
                done(result);
            }
        }
    }

    /// Validates one live write, applies it to the next state, and appends its record. `true` when there was one.
    fn accept(
        &self,
        writer: &mut Writer,
        state: &mut State,
        write: &Write,
        payload: &mut Vec<u8>,
    ) -> Result<(Committed, bool)> {
        self.check_writable()?;
        writer.check()?;
        let Some(act) = super::prepare::prepare(state, write, state.sequence + 1)? else {
            return Ok((Committed { sequence: state.sequence, ..Committed::default() }, false));
        };
        let record = Record { sequence: state.sequence + 1, act };
        let applied = apply_record(state, &mut writer.ledger, &record)?;
        record.encode(payload);
        Ok((Committed { sequence: record.sequence, upserted: applied.upserted, deleted: applied.deleted }, true))
    }
}

impl Writer {
    pub(super) fn check(&self) -> Result<()> {
        match &self.failed {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }

    pub(super) fn append(&mut self, first: u64, last: u64, payload: &[u8], sync: bool) -> Result<()> {
        let Some(log) = &mut self.log else {
            return Err(Error::new(ErrorKind::Closed, "the database is closed; open it again"));
        };
        log.append(first, last, payload)?;
        if sync { log.sync() } else { Ok(()) }
    }

    /// Goes on in a new log file, so that the files before it can go once a manifest holds what they hold.
    pub(super) fn rotate(&mut self) -> Result<()> {
        self.log.as_mut().map_or(Ok(()), LogFiles::rotate)
    }

    /// Takes the next number for a change that files hold, and makes it durable.
    pub(super) fn mark(&mut self, sequence: u64) -> Result<()> {
        let mut payload = Vec::new();
        Record { sequence, act: Act::Mark }.encode(&mut payload);
        self.append(sequence, sequence, &payload, true)
    }
}
