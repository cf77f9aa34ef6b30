//! What was written after a sequence: the link between two states of one database.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::apply::{Change, Stamped};
use super::state::Collection;
use crate::document::Key;
use crate::error::Result;

/// When which key of a collection was last deleted: what rows alone cannot tell.
pub type Deletes = BTreeMap<Key, u64>;

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
