//! What rows alone cannot tell: which keys were deleted, and when.

use std::collections::BTreeMap;

use crate::document::Key;

/// When which key of a collection was last deleted.
pub type Deletes = BTreeMap<Key, u64>;

/// Deletes by collection, as far back as a switch may have to carry them.
pub type Ledger = BTreeMap<String, Deletes>;
