//! Files: the [`Vfs`](vfs::Vfs) trait, the disk and memory behind it, the log, locks.

pub mod vfs;
