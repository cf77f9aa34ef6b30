//! Segments: immutable files that hold rows, and the container that they and other immutable files share.

pub mod format;
