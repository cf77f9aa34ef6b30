//! Background work: flush, merge and refit on a snapshot, then a short switch under the writer.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use super::open::READERS;
use super::{Database, Writer};
use crate::error::Result;
use crate::generation::carry::changes_since;
use crate::generation::ledger::Ledger;
use crate::generation::manifest::Manifest;
use crate::generation::publish::{persist, publish};
use crate::generation::rewrite::{Work, due, perform};
use crate::generation::state::{Collection, State};
use crate::segment::writer::Watch;
use crate::storage::vfs::LockMode;

/// Rewrites a collection by name; `None` leaves it as it is.
type Prepare<'a> = &'a mut dyn FnMut(&str, &Collection, &Watch<'_>) -> Result<Option<Collection>>;

impl Database {
    /// Whether [`maintain`](Self::maintain) would do something.
    #[must_use]
    pub fn maintenance_is_due(&self) -> bool {
        !self.read_only && self.snapshot().collections.values().any(|collection| due(collection).is_some())
    }

    /// Does what is due: flushes large memtables, merges segments, fits the built-in embedder. Writers go on meanwhile and
    /// wait only for the switch. Returns at once when another thread is at it.
    ///
    /// # Errors
    /// As of writing; the store stays as it was.
    pub fn maintain(&self) -> Result<()> {
        if self.check_writable().is_err() {
            return Ok(());
        }
        let Ok(_one) = self.maintenance.try_lock() else { return Ok(()) };
        while let Some((name, work)) = self.next_work() {
            if !self.rewrite(
                &mut |at, collection, watch| {
                    if at == name { perform(&*self.vfs, collection, &work, watch).map(Some) } else { Ok(None) }
                },
                work == Work::Refit,
                &Watch::NONE,
            )? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Makes one segment of a collection, with the built-in embedder fitted to what is there now; waits for maintenance
    /// that runs. Nobody needs it for correct or fresh answers.
    ///
    /// # Errors
    /// `NotFound`, `Aborted` (nothing is changed then), `Io`, `DiskFull`.
    pub fn optimize(&self, collection: &str, watch: &Watch<'_>) -> Result<()> {
        self.check_writable()?;
        let _one = self.maintenance.lock().unwrap_or_else(PoisonError::into_inner);
        self.snapshot().collection(collection)?;
        let mut refits = false;
        loop {
            let switched = self.rewrite(
                &mut |name, state, watch| {
                    let fitted = state.embedder.as_ref().map(|embedder| embedder.fitted_on);
                    let refit = fitted.is_some_and(|on| on != state.count(None));
                    let clean = state.segments.len() <= 1
                        && state.memtable.rows() == 0
                        && state.segments.iter().all(|live| live.dead.is_empty());
                    if name != collection || (clean && !refit) {
                        return Ok(None);
                    }
                    refits = refit;
                    crate::generation::rewrite::compact(&*self.vfs, state, refit, watch).map(Some)
                },
                true,
                watch,
            )?;
            if switched {
                return Ok(());
            }
        }
    }

    fn next_work(&self) -> Option<(String, Work)> {
        if self.check_open().is_err() {
            return None;
        }
        let state = self.snapshot();
        state.collections.iter().find_map(|(name, collection)| due(collection).map(|work| (name.clone(), work)))
    }

    /// Rewrites collections of the live state as `prepare` says (`None` leaves one as it is), flushes everything, and
    /// switches. `false` when somebody else published meanwhile: the work is thrown away.
    fn rewrite(&self, prepare: Prepare<'_>, takes_number: bool, watch: &Watch<'_>) -> Result<bool> {
        let (snapshot, base, ledger) = {
            let mut writer = self.writer();
            writer.check()?;
            writer.rotate()?;
            let snapshot = self.snapshot();
            writer.snapshot = Some(snapshot.sequence);
            (snapshot, writer.manifest.clone(), writer.ledger.clone())
        };
        let files = self.writing_files();
        let prepared = self.prepare_rewrite(&snapshot, &ledger, prepare, watch);
        let mut writer = self.writer();
        writer.snapshot = None;
        drop(files);
        let (next, entries) = prepared?;
        if writer.manifest.publication != base.publication {
            let needed = writer.manifest.referenced();
            let unused = Manifest { collections: entries, kept: Vec::new(), ..base }.files();
            writer.trash.extend(unused.into_iter().filter(|file| !needed.contains(file)));
            self.collect_garbage(&mut writer);
            return Ok(false);
        }
        self.switch_files(&mut writer, next, entries, takes_number)?;
        Ok(true)
    }

    fn prepare_rewrite(
        &self,
        snapshot: &State,
        ledger: &Ledger,
        prepare: Prepare<'_>,
        watch: &Watch<'_>,
    ) -> Result<(State, Vec<crate::generation::manifest::CollectionEntry>)> {
        let mut next = snapshot.clone();
        for (name, collection) in &snapshot.collections {
            if let Some(rewritten) = prepare(name, collection, watch)? {
                next.collections.insert(name.clone(), Arc::new(rewritten));
            }
        }
        persist(&*self.vfs, &next, &|name| ledger.get(name).cloned().unwrap_or_default())
    }

    /// Publishes files of an older sequence of the live generation and applies to them what was written since.
    fn switch_files(
        &self,
        writer: &mut Writer,
        base: State,
        entries: Vec<crate::generation::manifest::CollectionEntry>,
        takes_number: bool,
    ) -> Result<()> {
        writer.check()?;
        let live = self.snapshot();
        let mut next = State { collections: Default::default(), ..(*live).clone() };
        for (name, now) in &live.collections {
            let rewritten = base.collections.get(name).filter(|rewritten| rewritten.identity == now.identity);
            let collection = match rewritten {
                Some(rewritten) => {
                    let deletes = writer.ledger.get(name).cloned().unwrap_or_default();
                    let changes = changes_since(now, &deletes, base.sequence)?;
                    Arc::new(rewritten.apply(now.schema.clone(), &changes)?.0)
                }
                None => now.clone(),
            };
            next.collections.insert(name.clone(), collection);
        }
        if takes_number {
            writer.mark(live.sequence + 1)?;
            next.sequence = live.sequence + 1;
        }
        let manifest = Manifest {
            publication: writer.manifest.publication + 1,
            revision: writer.manifest.revision + 1,
            sequence: base.sequence,
            collections: entries,
            ..writer.manifest.clone()
        };
        self.publish_live(writer, manifest)?;
        self.install(Arc::new(next));
        Ok(())
    }

    /// Publishes the live manifest and forgets what it makes superfluous: logs it covers, files nobody names, deletes
    /// that no switch can ask for.
    pub(super) fn publish_live(&self, writer: &mut Writer, manifest: Manifest) -> Result<()> {
        if let Err(error) = publish(&*self.vfs, &manifest) {
            // Which revision a crash would show is unknown now, so nothing may be built on either.
            writer.failed = Some(error.clone());
            return Err(error);
        }
        let before = writer.manifest.referenced();
        let needed = manifest.referenced();
        writer.trash.extend(before.into_iter().filter(|file| !needed.contains(file)));
        writer.trash.retain(|file| !needed.contains(file));
        if let Some(log) = &mut writer.log {
            log.remove_obsolete(manifest.sequence);
        }
        writer.manifest = manifest;
        let begun = self.build().as_ref().map(|build| build.begun);
        let kept = writer.manifest.kept.iter().map(|kept| kept.sequence);
        let oldest = kept.chain(begun).chain(writer.snapshot).chain([self.snapshot().sequence]).min();
        let oldest = oldest.expect("the chain ends with one element");
        for deletes in writer.ledger.values_mut() {
            deletes.retain(|_, sequence| *sequence > oldest);
        }
        self.collect_garbage(writer);
        Ok(())
    }

    /// Deletes what is in the trash, unless somebody may need it: a reader in another process, or work whose new file may
    /// have the name of an old one. What cannot be deleted stays for the next time.
    pub(super) fn collect_garbage(&self, writer: &mut Writer) {
        if writer.trash.is_empty() || self.in_flight.load(Ordering::Acquire) > 0 {
            return;
        }
        let Ok(Some(_alone)) = self.vfs.try_lock(READERS, LockMode::Exclusive) else { return };
        let building = self.build();
        let needed = |name: &String| building.as_ref().is_some_and(|build| build.files.contains(name));
        writer.trash.retain(|name| {
            needed(name) || self.vfs.remove(name).is_err_and(|error| error.kind() != std::io::ErrorKind::NotFound)
        });
    }
}
