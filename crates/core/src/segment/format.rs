//! The container of every immutable binary file: named, checksummed, 64-byte-aligned sections, named by its contents.
//!
//! ```text
//! section · padding to 64 · section · … · padding to 64 · table of contents · footer (64 bytes)
//! ```
//! Everything is little-endian. The footer's checksum covers the footer, which covers the table, which covers every
//! section: opening reads the last page alone, and 8 bytes (the fingerprint) pin the whole file.

mod column;
mod container;
mod layout;
mod writer;

pub use column::{Column, FloatColumn, Scalar, f32_at, u32_at, u64_at};
pub use container::{Container, Section};
pub use layout::{FORMAT_VERSION, Kind};
pub use writer::{ContainerWriter, Written};
