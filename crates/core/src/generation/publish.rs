//! Makes a state durable: files, then the manifest, then CURRENT, each synced before the next names it.

use std::sync::Arc;

use super::ledger::Deletes;
use super::manifest::{CURRENT, CollectionEntry, EmbedderEntry, Manifest, Pointer, SegmentEntry};
use super::rewrite::{flush, save_tombstones};
use super::state::{Collection, State};
use crate::error::Result;
use crate::segment::Rows;
use crate::segment::writer::Watch;
use crate::storage::publish::publish_pointer;
use crate::storage::vfs::Vfs;

/// Writes what a state still has in memory (memtables, changed tombstones) into files and returns the state that reads
/// from them with its manifest entries. The directory is not synced yet.
pub fn persist(
    vfs: &dyn Vfs,
    state: &State,
    deletes: &dyn Fn(&str) -> Deletes,
) -> Result<(State, Vec<CollectionEntry>)> {
    let mut next = State { collections: Default::default(), ..state.clone() };
    let mut entries = Vec::with_capacity(state.collections.len());
    for (name, collection) in &state.collections {
        let mut collection = if collection.memtable.rows() == 0 {
            (**collection).clone()
        } else {
            flush(vfs, collection, &Watch::NONE)?
        };
        for live in &mut collection.segments {
            if live.tombstones.is_none() && !live.dead.is_empty() {
                live.tombstones = Some(save_tombstones(vfs, &live.dead)?);
            }
        }
        entries.push(entry(name, &collection, &deletes(name)));
        next.collections.insert(name.clone(), Arc::new(collection));
    }
    Ok((next, entries))
}

fn entry(name: &str, collection: &Collection, deletes: &Deletes) -> CollectionEntry {
    CollectionEntry {
        name: name.to_owned(),
        identity: collection.identity,
        schema: (*collection.schema).clone(),
        embedder: collection.embedder.as_ref().map(|embedder| EmbedderEntry {
            file: embedder.file.clone(),
            bytes: embedder.bytes,
            fitted_on: embedder.fitted_on,
            identity: embedder.basis.identity(),
        }),
        segments: collection
            .segments
            .iter()
            .map(|live| SegmentEntry {
                file: live.segment.file().to_owned(),
                bytes: live.segment.bytes(),
                fingerprint: live.segment.fingerprint(),
                rows: live.segment.len(),
                tombstones: live.tombstones.clone(),
                dead: live.dead.len(),
            })
            .collect(),
        deletes: deletes
            .iter()
            .map(|(key, sequence)| (key.namespace.to_string(), key.id.to_string(), *sequence))
            .collect(),
    }
}

/// Writes a manifest that nothing points to yet: a sealed build. Everything it names must be written.
///
/// One sync of the directory covers the manifest's name and those of the files before it: until CURRENT names the
/// manifest, nobody looks for either.
pub fn write_manifest(vfs: &dyn Vfs, manifest: &Manifest) -> Result<Vec<u8>> {
    let bytes = manifest.encode();
    publish_pointer(vfs, &manifest.file_name(), &bytes)?;
    Ok(bytes)
}

/// Publishes `manifest` as the live one. When it returns, a crash shows this revision; before, the previous one.
pub fn publish(vfs: &dyn Vfs, manifest: &Manifest) -> Result<()> {
    let bytes = write_manifest(vfs, manifest)?;
    publish_pointer(vfs, CURRENT, &Pointer::to(manifest, &bytes).encode())
}
