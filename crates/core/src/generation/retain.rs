//! Which generations stay, and which files nobody needs any more.

use std::collections::BTreeSet;

use super::manifest::Kept;

/// How many generations stay beside the live one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// The live generation and `count - 1` that were live before; at least 1.
    pub count: usize,
}

impl Default for Retention {
    fn default() -> Self {
        Self { count: 3 }
    }
}

impl Retention {
    /// Those of `kept` that stay: the most recently left ones, the newest that was never live, and all pinned ones.
    #[must_use]
    pub fn select(&self, kept: Vec<Kept>) -> Vec<Kept> {
        let mut left: Vec<u64> = kept.iter().filter_map(|kept| kept.left).collect();
        left.sort_unstable_by(|a, b| b.cmp(a));
        let spared: BTreeSet<u64> = left.into_iter().take(self.count.saturating_sub(1)).collect();
        let newest = kept.iter().filter(|kept| kept.left.is_none()).map(|kept| kept.generation).max();
        kept.into_iter()
            .filter(|kept| {
                kept.pinned
                    || kept.left.map_or(Some(kept.generation) == newest, |publication| spared.contains(&publication))
            })
            .collect()
    }
}
