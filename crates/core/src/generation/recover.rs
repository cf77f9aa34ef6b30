//! Opens what was published and replays what the log holds after it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::apply::{Applied, Change, Stamped};
use super::journal::{Act, Record, decode};
use super::ledger::Ledger;
use super::manifest::{Manifest, Pointer};
use super::rewrite::{load_basis, load_tombstones};
use super::state::{Collection, Embedder, LiveSegment, State};
use crate::document::{Embedding, Key};
use crate::embed::Basis;
use crate::error::{Error, Result};
use crate::segment::Rows;
use crate::segment::reader::Segment;
use crate::storage::log::{Replay, replay};
use crate::storage::vfs::Vfs;

/// A recovered store.
pub struct Recovered {
    /// The live manifest.
    pub manifest: Manifest,
    /// The live state, log included.
    pub state: State,
    /// Deletes that a switch may have to carry.
    pub ledger: Ledger,
    /// What the log held; `None` in a store that was just made.
    pub replay: Replay,
}

/// Reads the store; `None` when it is empty, that is: no CURRENT, and nothing that only a published store has.
///
/// # Errors
/// `Corrupt` naming the file, `FormatTooNew`, `Io`.
pub fn recover(vfs: &dyn Vfs) -> Result<Option<Recovered>> {
    let Some(pointer) = Pointer::load(vfs)? else {
        let files = vfs.list("").map_err(|error| Error::io("list", &vfs.location(), error))?;
        // The log is made after the first CURRENT, so a crash while a store is being made leaves none.
        let lost = files.iter().find(|name| name.starts_with("log-") || name.starts_with("seg-"));
        return match lost {
            Some(name) => Err(Error::corrupt("CURRENT", format_args!("it is missing beside {name:?}"))),
            None => Ok(None),
        };
    };
    let manifest = pointer.follow(vfs)?;
    let mut state = open_state(vfs, &manifest)?;
    let mut ledger = ledger_of(&manifest);
    let replay = replay(vfs, manifest.sequence, &mut |_, _, payload| {
        for record in decode("the log", payload)? {
            if record.sequence > manifest.sequence {
                apply_record(&mut state, &mut ledger, &record)?;
            }
        }
        Ok(())
    })?;
    Ok(Some(Recovered { manifest, state, ledger, replay }))
}

/// Opens every file that a manifest names.
pub fn open_state(vfs: &dyn Vfs, manifest: &Manifest) -> Result<State> {
    let mut collections = BTreeMap::new();
    for entry in &manifest.collections {
        let mut segments = Vec::with_capacity(entry.segments.len());
        for named in &entry.segments {
            let segment = Segment::open(vfs, &named.file)?;
            if (segment.bytes(), segment.fingerprint(), segment.len()) != (named.bytes, named.fingerprint, named.rows) {
                return Err(Error::corrupt(&named.file, "it is not the file that the manifest was written for"));
            }
            let dead = match &named.tombstones {
                Some(file) => load_tombstones(vfs, file, named.rows)?,
                None => Default::default(),
            };
            segments.push(LiveSegment {
                segment: Arc::new(segment),
                dead: Arc::new(dead),
                tombstones: named.tombstones.clone(),
            });
        }
        let mut collection = Collection::new(entry.identity, entry.schema.clone());
        collection.segments = segments;
        if let (Some(Embedding::Lsa), Some(named)) = (&entry.schema.embedding, &entry.embedder) {
            let basis = named.file.as_ref().map_or_else(|| Ok(Basis::hash()), |file| load_basis(vfs, file))?;
            if basis.identity() != named.identity {
                let file = named.file.as_deref().unwrap_or("the hash projection");
                return Err(Error::corrupt(file, format_args!("it is {}, not {}", basis.identity(), named.identity)));
            }
            collection.embedder = Some(Embedder {
                basis: Arc::new(basis),
                file: named.file.clone(),
                bytes: named.bytes,
                fitted_on: named.fitted_on,
            });
        }
        collections.insert(entry.name.clone(), Arc::new(collection));
    }
    Ok(State { generation: manifest.generation, sequence: manifest.sequence, collections })
}

/// The deletes that a manifest remembers.
#[must_use]
pub fn ledger_of(manifest: &Manifest) -> Ledger {
    let keys = |entry: &super::manifest::CollectionEntry| {
        let key = |(namespace, id, sequence): &(String, String, u64)| {
            (Key { namespace: Arc::from(namespace.as_str()), id: Arc::from(id.as_str()) }, *sequence)
        };
        entry.deletes.iter().map(key).collect()
    };
    manifest.collections.iter().map(|entry| (entry.name.clone(), keys(entry))).collect()
}

/// Applies one record to the live state. The same function serves a write and its replay, so both give the same state.
pub fn apply_record(state: &mut State, ledger: &mut Ledger, record: &Record) -> Result<Applied> {
    let mut applied = Applied::default();
    match &record.act {
        Act::Define { collection, identity, schema } => {
            let next = match state.collections.get(collection) {
                // Another embedder comes only to a collection without documents.
                Some(existing) if existing.schema.embedding == schema.embedding => {
                    Collection { schema: Arc::new((**schema).clone()), ..(**existing).clone() }
                }
                _ => Collection::new(*identity, (**schema).clone()),
            };
            state.collections.insert(collection.clone(), Arc::new(next));
        }
        Act::Drop { collection } => {
            if let Some(dropped) = state.collections.remove(collection) {
                applied.deleted = dropped.count(None);
            }
            ledger.remove(collection);
        }
        Act::Write { collection, schema, changes } => {
            let existing = state.collection(collection)?;
            let schema = schema.as_ref().map_or_else(|| existing.schema.clone(), |schema| Arc::new((**schema).clone()));
            let stamped: Vec<Stamped> =
                changes.iter().map(|change| Stamped { change: change.clone(), sequence: record.sequence }).collect();
            let (next, done) = existing.apply(schema, &stamped)?;
            applied = done;
            state.collections.insert(collection.clone(), Arc::new(next));
            let deletes = ledger.entry(collection.clone()).or_default();
            for change in changes {
                match change {
                    Change::Put(document) => deletes.remove(&document.key),
                    Change::Delete(key) => deletes.insert(key.clone(), record.sequence),
                };
            }
        }
        Act::Mark => {}
    }
    state.sequence = record.sequence;
    Ok(applied)
}
