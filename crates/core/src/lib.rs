//! Embedded hybrid search: vectors, BM25 and filters in one directory, in immutable, atomically promoted generations.

pub mod database;
pub mod document;
pub mod embed;
pub mod error;
pub mod filter;
pub mod generation;
pub mod search;
pub mod segment;
pub mod storage;
pub mod text;
pub mod validate;
pub mod vector;
