//! The generations that there are: list, pin, drop, read.

use std::sync::{Arc, PoisonError};

use super::{Database, Target, Writer};
use crate::error::{Error, ErrorKind, Result};
use crate::generation::manifest::{Kept, Manifest};
use crate::generation::recover::open_state;
use crate::generation::state::State;

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
            return Err(Error::new(
                ErrorKind::InvalidQuery,
                format!("generation {generation} is pinned; unpin it first"),
            )
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

    pub(super) fn gone(&self, writer: &Writer, generation: u64) -> Error {
        let mut known: Vec<u64> = writer.manifest.kept.iter().map(|kept| kept.generation).collect();
        known.push(writer.manifest.generation);
        known.sort_unstable();
        let kind = if (1..writer.manifest.next_generation).contains(&generation) {
            ErrorKind::GenerationGone
        } else {
            ErrorKind::NotFound
        };
        let list: Vec<String> = known.iter().map(u64::to_string).collect();
        Error::new(kind, format!("generation {generation} is not kept; there are {}", list.join(", ")))
            .with("generation", generation)
            .with("kept", known)
    }
}

impl Writer {
    pub(super) fn kept(&self, generation: u64) -> Option<&Kept> {
        self.manifest.kept.iter().find(|kept| kept.generation == generation)
    }
}

fn documents(state: &State) -> u64 {
    state.collections.values().map(|collection| collection.count(None)).sum()
}

fn bytes(state: &State) -> u64 {
    state.collections.values().map(|collection| collection.bytes()).sum()
}
