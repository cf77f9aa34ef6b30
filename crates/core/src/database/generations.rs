//! Generations as a caller sees them: begin, seal, promote, roll back, list, pin, drop.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use super::open::now_ms;
use super::write::{Committed, Write};
use super::{Build, Database, Target, Writer};
use crate::document::Document;
use crate::error::{Error, ErrorKind, Result};
use crate::generation::apply::{Change, Stamped};
use crate::generation::carry::{Deletes, changes_since};
use crate::generation::journal::Record;
use crate::generation::manifest::{MANIFEST_FORMAT, Kept, Manifest};
use crate::generation::publish::{persist, write_manifest};
use crate::generation::recover::{Ledger, apply_record, ledger_of, open_state};
use crate::generation::rewrite::{FLUSH_BYTES, FLUSH_ROWS, compact, flush};
use crate::generation::state::{Collection, MADE_BY_BUILD, State};
use crate::segment::memtable::Memtable;
use crate::segment::writer::Watch;
use crate::validate;

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

/// What happens to live writes that the generation to be made live does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    /// They are carried on top of it.
    Keep,
    /// They stay behind.
    Drop,
    /// If there are any, the switch is refused.
    Refuse,
}

/// A finished promotion or rollback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switched {
    /// The generation that is live now.
    pub generation: u64,
    /// The generation that was live.
    pub from: u64,
    /// The number of the switch.
    pub sequence: u64,
    /// Live writes (documents and deletes) carried over.
    pub carried: u64,
    /// Live writes left behind.
    pub dropped: u64,
}

/// What a generation is at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GenerationState {
    /// It answers.
    Live,
    /// It was live.
    Kept,
    /// It was never live.
    Sealed,
    /// It is being built.
    Building,
}

/// One generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenerationInfo {
    /// Its number.
    pub generation: u64,
    /// Its state.
    pub state: GenerationState,
    /// The newest batch in it.
    pub sequence: u64,
    /// Live documents.
    pub documents: u64,
    /// Bytes of its files.
    pub bytes: u64,
    /// Whether retention spares it.
    pub pinned: bool,
    /// Milliseconds since 1970 when it was sealed; 0 while it is being built.
    pub created_ms: u64,
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
    pub(super) fn write_build(&self, generation: u64, write: &Write) -> Result<(Committed, bool)> {
        self.check_writable()?;
        let mut slot = self.build();
        let Some(build) = slot.as_mut().filter(|build| build.generation == generation && !build.sealing) else {
            drop(slot);
            return Err(self.not_building(generation));
        };
        let mut state = (*build.state).clone();
        let Some(act) = super::prepare::prepare(&state, write, MADE_BY_BUILD | generation)? else {
            return Ok((Committed { sequence: build.begun, ..Committed::default() }, false));
        };
        let record = Record { sequence: build.begun, act };
        let applied = apply_record(&mut state, &mut Ledger::new(), &record)?;
        if let Some(collection) = state.collections.get(&write.collection)
            && (collection.memtable.rows() >= FLUSH_ROWS || collection.memtable.bytes() >= FLUSH_BYTES)
        {
            let flushed = flush(&*self.vfs, collection, &Watch::NONE)?;
            build.files.extend(flushed.segments.last().map(|live| live.segment.file().to_owned()));
            state.collections.insert(write.collection.clone(), Arc::new(flushed));
        }
        build.state = Arc::new(state);
        Ok((Committed { sequence: build.begun, upserted: applied.upserted, deleted: applied.deleted }, false))
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
        writer.collect_garbage(&*self.vfs);
        result
    }

    fn seal_state(&self, state: &State, scope: Option<Vec<String>>, watch: &Watch<'_>) -> Result<Sealed> {
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
            writer.collect_garbage(&*self.vfs);
            return Ok(());
        }
        drop(slot);
        self.drop_generation(generation)
    }

    /// Makes a sealed or kept generation live; nothing is copied.
    ///
    /// # Errors
    /// `NotFound`, `GenerationGone`, `GateRefused` when writes would have to be carried and `writes` is `Refuse`, and
    /// `InvalidSchema` naming the document when one cannot be carried.
    pub fn promote(&self, generation: u64, writes: Writes) -> Result<Switched> {
        self.switch(generation, writes, false)
    }

    /// Makes an older generation live again, as it was left: `to`, or the one that the live generation was promoted over.
    ///
    /// # Errors
    /// `GenerationGone` when there is none, else as [`promote`](Self::promote).
    pub fn rollback(&self, to: Option<u64>, writes: Writes) -> Result<Switched> {
        self.check_writable()?;
        let previous = self.writer().manifest.previous;
        let Some(to) = to.or(previous) else {
            return Err(Error::new(
                ErrorKind::GenerationGone,
                format!(
                    "generation {} was not promoted over another one, so there is nothing to roll back to; name one with `to`",
                    self.snapshot().generation
                ),
            ));
        };
        self.switch(to, writes, true)
    }

    fn switch(&self, generation: u64, writes: Writes, back: bool) -> Result<Switched> {
        self.check_writable()?;
        let _one = self.maintenance.lock().unwrap_or_else(PoisonError::into_inner);
        let mut writer = self.writer();
        writer.check()?;
        let live = self.snapshot();
        if generation == live.generation {
            return Err(Error::new(ErrorKind::InvalidQuery, format!("generation {generation} is live already"))
                .with("generation", generation));
        }
        let kept = writer.kept(generation).cloned();
        let kept = kept.ok_or_else(|| self.gone(&writer, generation))?;
        let source = Manifest::load(&*self.vfs, &kept.manifest)?;
        let mut target = open_state(&*self.vfs, &source)?;
        let mut ledger = ledger_of(&source);
        let (carried, dropped) = carry(&live, &writer.ledger, &kept, &mut target, &mut ledger, writes)?;
        let sequence = live.sequence + 1;
        let left = self.leave(&mut writer, &live, sequence)?;
        target.sequence = sequence;
        let keys = |name: &str| ledger.get(name).cloned().unwrap_or_default();
        let (target, entries) = persist(&*self.vfs, &target, &keys)?;
        let mut others: Vec<Kept> = writer.manifest.kept.iter().filter(|k| k.generation != generation).cloned().collect();
        others.push(left);
        let manifest = Manifest {
            format: MANIFEST_FORMAT,
            publication: writer.manifest.publication + 1,
            generation,
            revision: source.revision + 1,
            previous: if back { source.previous } else { Some(live.generation) },
            sequence,
            created_ms: source.created_ms,
            pinned: kept.pinned,
            collections: entries,
            kept: self.retention.select(others),
            next_generation: writer.manifest.next_generation,
        };
        // The switch's own number is in no log: the manifest's floor covers it.
        writer.rotate(&*self.vfs)?;
        self.publish_live(&mut writer, manifest)?;
        writer.ledger = ledger;
        self.install(Arc::new(target));
        Ok(Switched { generation, from: live.generation, sequence, carried, dropped })
    }

    /// Writes the live generation's last revision, so that it can be made live again as it is now.
    fn leave(&self, writer: &mut Writer, live: &State, sequence: u64) -> Result<Kept> {
        let keys = |name: &str| writer.ledger.get(name).cloned().unwrap_or_default();
        let (_, entries) = persist(&*self.vfs, live, &keys)?;
        let manifest = Manifest {
            publication: writer.manifest.publication,
            revision: writer.manifest.revision + 1,
            sequence: live.sequence,
            collections: entries,
            kept: Vec::new(),
            ..writer.manifest.clone()
        };
        write_manifest(&*self.vfs, &manifest)?;
        Ok(Kept {
            generation: manifest.generation,
            manifest: manifest.file_name(),
            sequence,
            left: Some(manifest.publication + 1),
            pinned: manifest.pinned,
            documents: manifest.documents(),
            bytes: manifest.bytes(),
            created_ms: manifest.created_ms,
            files: manifest.files(),
            scope: None,
        })
    }

    /// Publishes a new revision of the live generation that differs only in what it says of other generations.
    fn publish_revision(&self, writer: &mut Writer, mut manifest: Manifest) -> Result<()> {
        manifest.publication = writer.manifest.publication + 1;
        manifest.revision += 1;
        // The files stay as they are, so the log files that continue them stay too.
        let logs = std::mem::take(&mut writer.old_logs);
        let published = self.publish_live(writer, manifest);
        writer.old_logs = logs;
        published
    }

    /// All generations in ascending order.
    #[must_use]
    pub fn generations(&self) -> Vec<GenerationInfo> {
        let writer = self.writer();
        let live = self.snapshot();
        let mut all: Vec<GenerationInfo> = writer
            .manifest
            .kept
            .iter()
            .map(|kept| GenerationInfo {
                generation: kept.generation,
                state: if kept.left.is_some() { GenerationState::Kept } else { GenerationState::Sealed },
                sequence: kept.sequence,
                documents: kept.documents,
                bytes: kept.bytes,
                pinned: kept.pinned,
                created_ms: kept.created_ms,
            })
            .collect();
        all.push(GenerationInfo {
            generation: live.generation,
            state: GenerationState::Live,
            sequence: live.sequence,
            documents: documents(&live),
            bytes: bytes(&live),
            pinned: writer.manifest.pinned,
            created_ms: writer.manifest.created_ms,
        });
        drop(writer);
        if let Some(build) = &*self.build() {
            all.push(GenerationInfo {
                generation: build.generation,
                state: GenerationState::Building,
                sequence: build.begun,
                documents: documents(&build.state),
                bytes: bytes(&build.state),
                pinned: false,
                created_ms: 0,
            });
        }
        all.sort_by_key(|info| info.generation);
        all
    }

    /// Spares a generation from retention, or no longer.
    ///
    /// # Errors
    /// `GenerationGone`.
    pub fn pin(&self, generation: u64, pinned: bool) -> Result<()> {
        self.check_writable()?;
        let mut writer = self.writer();
        writer.check()?;
        let mut manifest = writer.manifest.clone();
        if manifest.generation == generation {
            manifest.pinned = pinned;
        } else {
            let kept = manifest.kept.iter_mut().find(|kept| kept.generation == generation);
            kept.ok_or_else(|| self.gone(&writer, generation))?.pinned = pinned;
        }
        if manifest == writer.manifest {
            return Ok(());
        }
        manifest.kept = self.retention.select(manifest.kept);
        self.publish_revision(&mut writer, manifest)
    }

    /// Forgets a kept generation and deletes the files that only it needs.
    ///
    /// # Errors
    /// `InvalidQuery` for the live and for pinned generations, `GenerationGone`.
    pub fn drop_generation(&self, generation: u64) -> Result<()> {
        self.check_writable()?;
        let mut writer = self.writer();
        writer.check()?;
        if writer.manifest.generation == generation {
            return Err(Error::new(
                ErrorKind::InvalidQuery,
                format!("generation {generation} is live; promote or roll back to another one first"),
            )
            .with("generation", generation));
        }
        let Some(kept) = writer.kept(generation) else { return Err(self.gone(&writer, generation)) };
        if kept.pinned {
            return Err(Error::new(ErrorKind::InvalidQuery, format!("generation {generation} is pinned; unpin it first"))
                .with("generation", generation));
        }
        let mut manifest = writer.manifest.clone();
        manifest.kept.retain(|kept| kept.generation != generation);
        if manifest.previous == Some(generation) {
            manifest.previous = None;
        }
        self.publish_revision(&mut writer, manifest)
    }

    /// The state that `target` names.
    ///
    /// # Errors
    /// `GenerationGone`.
    pub fn state_of(&self, target: Target) -> Result<Arc<State>> {
        self.check_open()?;
        let live = self.snapshot();
        let Target::Generation(generation) = target else { return Ok(live) };
        if generation == live.generation {
            return Ok(live);
        }
        if let Some(build) = self.build().as_ref().filter(|build| build.generation == generation) {
            return Ok(build.state.clone());
        }
        let mut open = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let writer = self.writer();
        let kept = writer.kept(generation).ok_or_else(|| self.gone(&writer, generation))?;
        let manifest = Manifest::load(&*self.vfs, &kept.manifest)?;
        if let Some(state) = open.get(&generation).and_then(std::sync::Weak::upgrade)
            && state.sequence == manifest.sequence
        {
            return Ok(state);
        }
        let state = Arc::new(open_state(&*self.vfs, &manifest)?);
        open.retain(|_, state| state.strong_count() > 0);
        open.insert(generation, Arc::downgrade(&state));
        Ok(state)
    }

    fn gone(&self, writer: &Writer, generation: u64) -> Error {
        let mut known: Vec<u64> = writer.manifest.kept.iter().map(|kept| kept.generation).collect();
        known.push(writer.manifest.generation);
        known.sort_unstable();
        let list: Vec<String> = known.iter().map(u64::to_string).collect();
        Error::new(
            ErrorKind::GenerationGone,
            format!("generation {generation} is not kept; there are {}", list.join(", ")),
        )
        .with("generation", generation)
        .with("kept", known)
    }

    fn not_building(&self, generation: u64) -> Error {
        Error::new(
            ErrorKind::NotFound,
            format!("generation {generation} is not being built; a sealed or live generation takes no build writes"),
        )
        .with("generation", generation)
    }
}

impl Writer {
    pub(super) fn kept(&self, generation: u64) -> Option<&Kept> {
        self.manifest.kept.iter().find(|kept| kept.generation == generation)
    }
}

/// Brings what was written live after `kept.sequence` into `target`, collection by collection; collections outside the
/// build's scope are taken over as they are. Returns how many writes were carried and how many were left behind.
fn carry(
    live: &State,
    live_ledger: &Ledger,
    kept: &Kept,
    target: &mut State,
    ledger: &mut Ledger,
    writes: Writes,
) -> Result<(u64, u64)> {
    let (mut carried, mut dropped) = (0, 0);
    for (name, now) in &live.collections {
        let deletes = live_ledger.get(name).cloned().unwrap_or_default();
        if kept.scope.as_ref().is_some_and(|scope| !scope.contains(name)) && !target.collections.contains_key(name) {
            target.collections.insert(name.clone(), now.clone());
            ledger.insert(name.clone(), deletes);
            continue;
        }
        let old = target.collections.get(name).filter(|old| old.identity == now.identity);
        let changes = changes_since(now, &deletes, kept.sequence)?;
        let made_since = old.is_none() && now.identity & MADE_BY_BUILD == 0 && now.identity > kept.sequence;
        if changes.is_empty() && !made_since {
            continue;
        }
        match writes {
            Writes::Refuse => {
                return Err(Error::new(
                    ErrorKind::GateRefused,
                    format!(
                        "{} live writes to {name:?} are not in generation {}; promote with carry: true to keep them",
                        changes.len(),
                        kept.generation
                    ),
                )
                .with("collection", name.as_str())
                .with("writes", changes.len()));
            }
            Writes::Drop => dropped += changes.len() as u64,
            Writes::Keep => {
                carried += changes.len() as u64;
                let empty = || Collection { segments: Vec::new(), memtable: Memtable::default(), ..(**now).clone() };
                let next = carry_into(name, &old.map_or_else(empty, |old| (**old).clone()), &changes)?;
                let keys = ledger.entry(name.clone()).or_default();
                for stamped in &changes {
                    match &stamped.change {
                        Change::Put(document) => keys.remove(&document.key),
                        Change::Delete(key) => keys.insert(key.clone(), stamped.sequence),
                    };
                }
                target.collections.insert(name.clone(), Arc::new(next));
            }
        }
    }
    if writes != Writes::Drop {
        // A collection that was dropped live since is a live write too; one that only the build knows is not.
        let stays = |name: &String, old: &Collection| {
            old.identity & MADE_BY_BUILD != 0 || live.collections.get(name).is_some_and(|now| now.identity == old.identity)
        };
        target.collections.retain(|name, old| stays(name, old));
        ledger.retain(|name, _| target.collections.contains_key(name));
    }
    Ok((carried, dropped))
}

/// Applies live changes to the older collection, whose schema learns what they need.
fn carry_into(name: &str, old: &Collection, changes: &[Stamped]) -> Result<Collection> {
    let mut schema = (*old.schema).clone();
    for stamped in changes {
        if let Change::Put(document) = &stamped.change {
            // The embedder's own vectors are made again by the older state's embedder.
            let vector = if old.embedder.is_some() { None } else { document.vector.clone() };
            validate::check_document(name, &mut schema, &Document { vector, ..(**document).clone() })?;
        }
    }
    Ok(old.apply(Arc::new(schema), changes)?.0)
}

fn documents(state: &State) -> u64 {
    state.collections.values().map(|collection| collection.count(None)).sum()
}

fn bytes(state: &State) -> u64 {
    state.collections.values().flat_map(|collection| &collection.segments).map(|live| live.segment.bytes()).sum()
}
