//! Builds: a generation that grows aside and is sealed, or forgotten.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::open::now_ms;
use super::request::{Committed, Write};
use super::{Build, Database};
use crate::error::{Error, ErrorKind, Result};
use crate::generation::journal::Record;
use crate::generation::ledger::Deletes;
use crate::generation::ledger::Ledger;
use crate::generation::manifest::{Kept, MANIFEST_FORMAT, Manifest};
use crate::generation::publish::{persist, write_manifest};
use crate::generation::recover::apply_record;
use crate::generation::rewrite::{FLUSH_BYTES, FLUSH_ROWS, compact, flush};
use crate::generation::state::{Collection, MADE_BY_BUILD, State};
use crate::segment::writer::Watch;

/// What a build starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BeginFrom {
    /// The live documents.
    #[default]
    Live,
    /// Nothing; collections keep their schemas.
    Empty,
}

/// How a build begins.
#[derive(Debug, Clone, Default)]
pub struct BeginOptions {
    /// What it starts from.
    pub from: BeginFrom,
    /// Which collections it replaces; `None` means all. The others come from the live generation at promotion.
    pub collections: Option<Vec<String>>,
}

/// A sealed build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Its number.
    pub generation: u64,
    /// Live documents in it.
    pub documents: u64,
    /// Bytes of its files.
    pub bytes: u64,
}

impl Database {
    /// Starts a build aside and returns its number.
    ///
    /// # Errors
    /// `Locked` while another build is open, `NotFound` for an unknown collection.
    pub fn begin(&self, options: &BeginOptions) -> Result<u64> {
        self.check_writable()?;
        let mut writer = self.writer();
        writer.check()?;
        let mut build = self.build();
        if let Some(open) = &*build {
            return Err(Error::new(
                ErrorKind::Locked,
                format!("generation {} is still being built; seal or abandon it first", open.generation),
            )
            .with("generation", open.generation));
        }
        let live = self.snapshot();
        let mut state = State { generation: writer.manifest.next_generation, ..State::default() };
        state.sequence = live.sequence;
        for name in options.collections.as_deref().unwrap_or_default() {
            live.collection(name)?;
        }
        for (name, collection) in &live.collections {
            if options.collections.as_ref().is_none_or(|names| names.contains(name)) {
                let start = match options.from {
                    BeginFrom::Live => collection.clone(),
                    BeginFrom::Empty => Arc::new(Collection::new(collection.identity, (*collection.schema).clone())),
                };
                state.collections.insert(name.clone(), start);
            }
        }
        let generation = state.generation;
        writer.manifest.next_generation += 1;
        *build = Some(Build {
            generation,
            begun: live.sequence,
            state: Arc::new(state),
            sealing: false,
            collections: options.collections.clone(),
            files: BTreeSet::new(),
        });
        Ok(generation)
    }

    /// Applies a batch to the open build. Nothing is logged: a crash before seal loses the build, and only the build.
    pub(super) fn write_build(&self, generation: u64, write: &Write) -> Result<Committed> {
        self.check_writable()?;
        let mut slot = self.build();
        let Some(build) = slot.as_mut().filter(|build| build.generation == generation && !build.sealing) else {
            drop(slot);
            return Err(self.not_building(generation));
        };
        let mut state = (*build.state).clone();
        let Some(act) = super::prepare::prepare(&state, write, MADE_BY_BUILD | generation)? else {
            return Ok(Committed { sequence: build.begun, ..Committed::default() });
        };
        let record = Record { sequence: build.begun, act };
        let applied = apply_record(&mut state, &mut Ledger::new(), &record)?;
        if let Some(collection) = state.collections.get(&write.collection)
            && (collection.memtable.rows() >= FLUSH_ROWS || collection.memtable.bytes() >= FLUSH_BYTES)
        {
            let _files = self.writing_files();
            let flushed = flush(&*self.vfs, collection, &Watch::NONE)?;
            build.files.extend(flushed.segments.last().map(|live| live.segment.file().to_owned()));
            state.collections.insert(write.collection.clone(), Arc::new(flushed));
        }
        build.state = Arc::new(state);
        Ok(Committed { sequence: build.begun, upserted: applied.upserted, deleted: applied.deleted })
    }

    /// Finishes a build: one segment per collection, the built-in embedder fitted, every file synced and checked. From here
    /// on it survives a crash, and is kept until another sealed one takes its place or it is dropped.
    ///
    /// # Errors
    /// `NotFound` when that generation is not being built, `Aborted` (the build goes on then), `Io`, `DiskFull`, `Corrupt`.
    pub fn seal(&self, generation: u64, watch: &Watch<'_>) -> Result<Sealed> {
        self.check_writable()?;
        let (state, scope) = {
            let mut slot = self.build();
            match slot.as_mut().filter(|build| build.generation == generation && !build.sealing) {
                Some(build) => {
                    build.sealing = true;
                    (build.state.clone(), build.collections.clone())
                }
                None => {
                    drop(slot);
                    return Err(self.not_building(generation));
                }
            }
        };
        let result = self.seal_state(&state, scope, watch);
        let mut slot = self.build();
        if result.is_err() {
            if let Some(build) = slot.as_mut() {
                build.sealing = false;
            }
            return result;
        }
        let files = slot.take().map(|build| build.files).unwrap_or_default();
        drop(slot);
        let mut writer = self.writer();
        let needed = writer.manifest.referenced();
        writer.trash.extend(files.into_iter().filter(|file| !needed.contains(file)));
        self.collect_garbage(&mut writer);
        result
    }

    fn seal_state(&self, state: &State, scope: Option<Vec<String>>, watch: &Watch<'_>) -> Result<Sealed> {
        let files = self.writing_files();
        let mut next = state.clone();
        let parts = state.collections.len().max(1) as f64;
        for (at, (name, collection)) in state.collections.iter().enumerate() {
            let progress = |share: f64| (watch.progress)((at as f64 + share) / parts * 0.98);
            let watch = Watch { progress: &progress, cancelled: watch.cancelled };
            next.collections.insert(name.clone(), Arc::new(compact(&*self.vfs, collection, true, &watch)?));
        }
        let (next, entries) = persist(&*self.vfs, &next, &|_| Deletes::new())?;
        for live in next.collections.values().flat_map(|collection| &collection.segments) {
            live.segment.verify()?;
        }
        watch.check()?;
        let mut writer = self.writer();
        drop(files);
        writer.check()?;
        let publication = writer.manifest.publication + 1;
        let manifest = Manifest {
            format: MANIFEST_FORMAT,
            publication,
            generation: state.generation,
            revision: 1,
            previous: None,
            sequence: state.sequence,
            created_ms: now_ms(),
            pinned: false,
            collections: entries,
            kept: Vec::new(),
            next_generation: writer.manifest.next_generation,
        };
        write_manifest(&*self.vfs, &manifest)?;
        let sealed = Sealed { generation: state.generation, documents: manifest.documents(), bytes: manifest.bytes() };
        let kept = Kept {
            generation: manifest.generation,
            manifest: manifest.file_name(),
            sequence: state.sequence,
            left: None,
            pinned: false,
            documents: sealed.documents,
            bytes: sealed.bytes,
            created_ms: manifest.created_ms,
            files: manifest.files(),
            scope,
        };
        let mut all = writer.manifest.kept.clone();
        all.push(kept);
        let mut live = writer.manifest.clone();
        live.publication = publication;
        live.kept = self.retention.select(all);
        self.publish_revision(&mut writer, live)?;
        (watch.progress)(1.0);
        Ok(sealed)
    }

    /// Forgets a build, or a sealed generation that was never live.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn abandon(&self, generation: u64) -> Result<()> {
        self.check_writable()?;
        let mut slot = self.build();
        if slot.as_ref().is_some_and(|build| build.generation == generation) {
            if slot.as_ref().is_some_and(|build| build.sealing) {
                return Err(Error::new(
                    ErrorKind::Locked,
                    format!("generation {generation} is being sealed; abort the seal first"),
                )
                .with("generation", generation));
            }
            let files = slot.take().map(|build| build.files).unwrap_or_default();
            drop(slot);
            let mut writer = self.writer();
            writer.trash.extend(files);
            self.collect_garbage(&mut writer);
            return Ok(());
        }
        drop(slot);
        self.drop_generation(generation)
    }

    fn not_building(&self, generation: u64) -> Error {
        let writer = self.writer();
        if writer.manifest.generation != generation && writer.kept(generation).is_none() {
            return self.gone(&writer, generation);
        }
        Error::new(
            ErrorKind::ReadOnly,
            format!("generation {generation} is sealed, so it takes no writes; begin another one from it"),
        )
        .with("generation", generation)
    }
}
