//! Embedded hybrid search: vectors, BM25 and filters in one directory, in immutable, atomically promoted generations.
//!
//! How a document becomes an answer:
//!
//! 1. [`validate`] refuses what no store may hold; [`database`] numbers the batch, logs it ([`storage::log`]) and syncs.
//! 2. [`segment::memtable`] makes it searchable at once, with its words ([`text`]) and its vector ([`embed`] or the user's).
//! 3. [`generation::rewrite`] turns memtables into [`segment`] files: one row numbering for ids, vectors, words, metadata.
//! 4. [`generation`] publishes them: files, then a manifest, then the one pointer CURRENT. A build grows aside and is
//!    promoted, or an older generation made live again, the same way; live writes are carried across.
//! 5. [`search`] asks two legs, [`vector`] and [`text`], under a [`filter`], and fuses the union of what they propose.
//!
//! What it is not: a server, a distributed store, or a place for documents of many megabytes. It reads files through one
//! trait ([`storage::vfs::Vfs`]), runs on its callers' threads and knows nothing of JavaScript.
//!
//! Limits of this version: vector search is exact (every live vector of a namespace is scored), filters are evaluated row
//! by row, a read-only handle shows the state at its opening. Sizes: see [`validate`].

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
