//! Generations: what a database's state is, how writes change it, how it is published, recovered, switched and forgotten.
//!
//! One idea carries the room: a state is immutable, and [`carry::changes_since`] tells what was written after a sequence.
//! A flush, a merge, a refit of the embedder, a promotion and a rollback are then the same two steps: prepare another
//! state of an older sequence, and apply to it what was written since.

pub mod apply;
pub mod carry;
pub mod journal;
pub mod ledger;
pub mod manifest;
pub mod publish;
pub mod recover;
pub mod retain;
pub mod rewrite;
pub mod state;
pub mod terms;
