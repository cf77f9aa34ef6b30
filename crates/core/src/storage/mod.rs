//! Files: the [`Vfs`](vfs::Vfs) trait, the disk and memory behind it, the log, locks.

mod aligned;
pub mod disk;
pub mod fault;
pub mod log;
pub mod memory;
mod name;
pub mod publish;
pub mod vfs;
