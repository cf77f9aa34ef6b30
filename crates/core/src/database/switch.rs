//! Switching: promote and roll back, with the live writes that the other generation lacks.

use std::sync::{Arc, PoisonError};

use super::{Database, Writer};
use crate::error::{Error, ErrorKind, Result};
use crate::generation::carry::carry;
use crate::generation::manifest::{Kept, MANIFEST_FORMAT, Manifest};
use crate::generation::publish::{persist, write_manifest};
use crate::generation::recover::{ledger_of, open_state};
use crate::generation::state::State;

pub use crate::generation::carry::Writes;

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

impl Database {
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
        let mut others: Vec<Kept> =
            writer.manifest.kept.iter().filter(|k| k.generation != generation).cloned().collect();
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
        writer.mark(sequence)?;
        writer.rotate()?;
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
    pub(super) fn publish_revision(&self, writer: &mut Writer, mut manifest: Manifest) -> Result<()> {
        manifest.publication = writer.manifest.publication + 1;
        manifest.revision += 1;
        self.publish_live(writer, manifest)
    }
}
