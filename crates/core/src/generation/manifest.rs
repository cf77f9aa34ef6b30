//! The manifest: one small checked JSON file that names every file of one revision of a generation.
//!
//! The manifest that CURRENT names also holds what belongs to the whole database: which generations are kept, and the
//! numbers given out so far. Publishing it is therefore one step, whatever it changes.

use serde::{Deserialize, Serialize};

use crate::document::Schema;
use crate::error::{Error, Result};
use crate::storage::publish::{frame, unframe};
use crate::storage::vfs::Vfs;

/// The newest layout of manifests that this build reads and writes.
pub const MANIFEST_FORMAT: u32 = 1;

/// The pointer file, the only one that is ever replaced.
pub const CURRENT: &str = "CURRENT";

/// One revision of a generation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// [`MANIFEST_FORMAT`] of the writer.
    pub format: u32,
    /// Counts every manifest of the database.
    pub publication: u64,
    /// The generation.
    pub generation: u64,
    /// Counts the manifests of this generation.
    pub revision: u64,
    /// The generation that this one was promoted over; rollback goes there.
    pub previous: Option<u64>,
    /// The newest batch contained; the log continues after it.
    pub sequence: u64,
    /// Milliseconds since 1970 when the generation was sealed, or the database made. For people and retention by age.
    pub created_ms: u64,
    /// Whether retention spares it.
    pub pinned: bool,
    /// Collections in ascending order of name.
    pub collections: Vec<CollectionEntry>,
    /// Other generations that can be read and made live.
    pub kept: Vec<Kept>,
    /// The number that the next build gets.
    pub next_generation: u64,
}

/// One collection of a revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CollectionEntry {
    /// Its name.
    pub name: String,
    /// See [`Collection::identity`](super::state::Collection::identity).
    pub identity: u64,
    /// Its schema.
    pub schema: Schema,
    /// Its built-in embedder.
    pub embedder: Option<EmbedderEntry>,
    /// Its segments, oldest first.
    pub segments: Vec<SegmentEntry>,
    /// Keys deleted after the oldest sequence that a switch may have to carry from: namespace, id, sequence.
    pub deletes: Vec<(String, String, u64)>,
}

/// The embedder of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EmbedderEntry {
    /// The basis's file; absent for the hash projection.
    pub file: Option<String>,
    /// The file's length.
    pub bytes: u64,
    /// Live documents when it was fitted.
    pub fitted_on: u64,
    /// The basis's identity, checked when it is loaded.
    pub identity: String,
}

/// One segment of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SegmentEntry {
    /// Its file.
    pub file: String,
    /// The file's length, checked when it is opened.
    pub bytes: u64,
    /// Pins the file's contents, so that two swapped files are noticed when they are opened.
    pub fingerprint: u64,
    /// Rows, dead ones included.
    pub rows: u32,
    /// The file with its dead rows; absent without any.
    pub tombstones: Option<String>,
    /// How many rows are dead.
    pub dead: u64,
}

/// A generation that is not live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Kept {
    /// The generation.
    pub generation: u64,
    /// Its last manifest.
    pub manifest: String,
    /// Live writes after this sequence are not in it: when it was begun, or when it was left.
    pub sequence: u64,
    /// The publication that left it; absent while it was never live.
    pub left: Option<u64>,
    /// Whether retention spares it.
    pub pinned: bool,
    /// Live documents in it.
    pub documents: u64,
    /// Bytes of its files.
    pub bytes: u64,
    /// See [`Manifest::created_ms`].
    pub created_ms: u64,
    /// Every file that it needs, the manifest left out.
    pub files: Vec<String>,
    /// The collections that it replaces when it is made live; absent when all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Vec<String>>,
}

impl Manifest {
    /// The name under which this revision is stored.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("MANIFEST-{}-{}", self.generation, self.revision)
    }

    /// Every file of this revision, the manifest itself left out.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        for collection in &self.collections {
            files.extend(collection.embedder.iter().filter_map(|embedder| embedder.file.clone()));
            for segment in &collection.segments {
                files.push(segment.file.clone());
                files.extend(segment.tombstones.clone());
            }
        }
        files
    }

    /// Live documents in all collections.
    #[must_use]
    pub fn documents(&self) -> u64 {
        let segments = self.collections.iter().flat_map(|collection| &collection.segments);
        segments.map(|segment| u64::from(segment.rows).saturating_sub(segment.dead)).sum()
    }

    /// Bytes of all segments and embedders.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let of = |collection: &CollectionEntry| {
            let segments: u64 = collection.segments.iter().map(|segment| segment.bytes).sum();
            segments + collection.embedder.as_ref().map_or(0, |embedder| embedder.bytes)
        };
        self.collections.iter().map(of).sum()
    }

    /// Every file that must stay: of this revision and of the kept generations, manifests included.
    #[must_use]
    pub fn referenced(&self) -> std::collections::BTreeSet<String> {
        let mut files: std::collections::BTreeSet<String> = self.files().into_iter().collect();
        files.insert(self.file_name());
        for kept in &self.kept {
            files.insert(kept.manifest.clone());
            files.extend(kept.files.iter().cloned());
        }
        files
    }

    /// The bytes to store.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let json = serde_json::to_vec(self).expect("maps with string keys and finite numbers always serialise");
        frame("manifest", &json)
    }

    /// Reads a manifest and checks that it is the one its name says.
    ///
    /// # Errors
    /// `Corrupt`, `FormatTooNew`, `Io`.
    pub fn load(vfs: &dyn Vfs, name: &str) -> Result<Self> {
        let bytes = vfs.read(name).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::corrupt(name, "the file is missing"),
            _ => Error::io("read", name, error),
        })?;
        let manifest: Self = serde_json::from_slice(unframe("manifest", name, &bytes)?)
            .map_err(|error| Error::corrupt(name, format_args!("bad JSON: {error}")))?;
        if manifest.file_name() != name {
            return Err(Error::corrupt(name, format_args!("it holds {}", manifest.file_name())));
        }
        Ok(manifest)
    }
}

/// What CURRENT holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointer {
    /// The live manifest's name.
    pub manifest: String,
    /// xxh3-64 of the whole manifest file, so that a foreign file under that name is noticed.
    pub checksum: String,
}

impl Pointer {
    /// The pointer to a manifest with these bytes.
    #[must_use]
    pub fn to(manifest: &Manifest, bytes: &[u8]) -> Self {
        Self { manifest: manifest.file_name(), checksum: checksum(bytes) }
    }

    /// The bytes to store.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        frame("current", &serde_json::to_vec(self).expect("two strings always serialise"))
    }

    /// Reads CURRENT; `None` when the store has none yet.
    pub fn load(vfs: &dyn Vfs) -> Result<Option<Self>> {
        let bytes = match vfs.read(CURRENT) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("read", CURRENT, error)),
        };
        let pointer = serde_json::from_slice(unframe("current", CURRENT, &bytes)?)
            .map_err(|error| Error::corrupt(CURRENT, format_args!("bad JSON: {error}")))?;
        Ok(Some(pointer))
    }

    /// Reads the manifest that it names.
    pub fn follow(&self, vfs: &dyn Vfs) -> Result<Manifest> {
        let manifest = Manifest::load(vfs, &self.manifest)?;
        let bytes = vfs.read(&self.manifest).map_err(|error| Error::io("read", &self.manifest, error))?;
        if checksum(&bytes) != self.checksum {
            return Err(Error::corrupt(&self.manifest, "it is not the manifest that CURRENT was written for"));
        }
        Ok(manifest)
    }
}

fn checksum(bytes: &[u8]) -> String {
    format!("{:016x}", xxhash_rust::xxh3::xxh3_64(bytes))
}
