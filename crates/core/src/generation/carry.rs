//! What was written after a sequence: the link between two states of one database.

use std::sync::Arc;

use super::apply::{Change, Stamped};
use super::ledger::{Deletes, Ledger};
use super::manifest::Kept;

use super::state::{Collection, MADE_BY_BUILD, State};
use crate::document::{Document, Schema};
use crate::error::{Error, ErrorKind, Result};
use crate::segment::memtable::Memtable;
use crate::validate;

/// Everything written to `collection` after `sequence`, ordered by sequence: its newer rows, and the keys in `deletes`
/// that are gone. A key appears once. Segments without newer rows are skipped; the others cost one look per row.
pub fn changes_since(collection: &Collection, deletes: &Deletes, sequence: u64) -> Result<Vec<Stamped>> {
    let mut changes = Vec::new();
    for part in collection.parts(None) {
        if part.rows.max_sequence() <= sequence {
            continue;
        }
        for row in part.alive() {
            let written = part.rows.sequence(row);
            if written > sequence {
                let document = Arc::new(part.rows.document(row)?);
                changes.push(Stamped { change: Change::Put(document), sequence: written });
            }
        }
    }
    for (key, &deleted) in deletes {
        if deleted > sequence && collection.find(key)?.is_none() {
            changes.push(Stamped { change: Change::Delete(key.clone()), sequence: deleted });
        }
    }
    changes.sort_by_key(|stamped| stamped.sequence);
    Ok(changes)
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

/// Brings what was written live after `kept.sequence` into `target`, collection by collection; collections outside the
/// build's scope are taken over as they are. Returns how many writes were carried and how many were left behind.
pub fn carry(
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
        let learned = old.and_then(|old| declared_since(&old.schema, &now.schema));
        if changes.is_empty() && !made_since && learned.is_none() {
            continue;
        }
        match writes {
            Writes::Refuse if made_since || !changes.is_empty() => {
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
            Writes::Keep | Writes::Refuse => {
                carried += changes.len() as u64;
                let empty = || Collection { segments: Vec::new(), memtable: Memtable::default(), ..(**now).clone() };
                let mut base = old.map_or_else(empty, |old| (**old).clone());
                base.schema = learned.map_or(base.schema, Arc::new);
                let next = carry_into(name, &base, &changes)?;
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
            old.identity & MADE_BY_BUILD != 0
                || live.collections.get(name).is_some_and(|now| now.identity == old.identity)
        };
        target.collections.retain(|name, old| stays(name, old));
        ledger.retain(|name, _| target.collections.contains_key(name));
    }
    Ok((carried, dropped))
}

/// The older schema with the fields that were declared live since; `None` when there are none.
fn declared_since(old: &Schema, now: &Schema) -> Option<Schema> {
    let mut next = old.clone();
    for field in &now.text {
        if !next.text.iter().any(|known| known.name == field.name) {
            next.text.push(field.clone());
        }
    }
    for (name, field) in now.metadata.iter().filter(|(_, field)| field.inferred_from.is_none()) {
        next.metadata.entry(name.clone()).or_insert_with(|| field.clone());
    }
    (next != *old).then_some(next)
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
