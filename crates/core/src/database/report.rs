//! What a store says of itself: statistics and verification.

use std::sync::Arc;

use super::{Database, Target};
use crate::document::Schema;
use crate::error::{Error, Result};
use crate::generation::manifest::{CURRENT, Manifest};
use crate::generation::recover::open_state;
use crate::segment::reader::Segment;
use crate::segment::writer::Watch;

/// Figures of one collection.
#[derive(Debug, Clone)]
pub struct CollectionStats {
    /// Its name.
    pub name: String,
    /// Its schema, inferred parts included.
    pub schema: Arc<Schema>,
    /// Live documents in all namespaces.
    pub documents: u64,
    /// Namespaces that have rows.
    pub namespaces: u64,
    /// Segments.
    pub segments: u64,
    /// Rows in segments that were deleted or replaced.
    pub dead: u64,
    /// Bytes of its segments and its embedder on disk.
    pub bytes: u64,
    /// Rows in memory, not yet in a segment.
    pub memtable_rows: u64,
    /// About how many bytes they take.
    pub memtable_bytes: u64,
    /// Identity of the built-in embedder's basis.
    pub embedder: Option<String>,
    /// Weight of the vector leg in balanced fusion.
    pub lambda: f64,
}

/// Figures of a store.
#[derive(Debug, Clone)]
pub struct Stats {
    /// Where it is.
    pub location: String,
    /// The live generation.
    pub generation: u64,
    /// The newest batch.
    pub sequence: u64,
    /// Collections in ascending order of name.
    pub collections: Vec<CollectionStats>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// What is wrong with it.
    pub problem: String,
}

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verification {
    /// Files read whole.
    pub files: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Empty when everything is as it was written.
    pub problems: Vec<Problem>,
}

impl Database {
    /// Collections of a state with their figures. O(segments).
    ///
    /// # Errors
    /// `GenerationGone`, `Closed`.
    pub fn stats(&self, target: Target) -> Result<Stats> {
        let state = self.state_of(target)?;
        let collections = state.collections.iter().map(|(name, collection)| {
            let mut namespaces = std::collections::BTreeSet::new();
            let parts = collection.parts(None);
            for part in &parts {
                namespaces.extend(part.rows.namespaces().into_iter().map(|(name, _)| name));
            }
            CollectionStats {
                name: name.clone(),
                schema: collection.schema.clone(),
                documents: collection.count(None),
                namespaces: namespaces.len() as u64,
                segments: collection.segments.len() as u64,
                dead: collection.segments.iter().map(|live| live.dead.len()).sum(),
                bytes: collection.bytes(),
                memtable_rows: collection.memtable.rows() as u64,
                memtable_bytes: collection.memtable.bytes() as u64,
                embedder: collection.embedder.as_ref().map(|embedder| embedder.basis.identity()),
                lambda: crate::search::run::default_lambda(collection),
            }
        });
        Ok(Stats {
            location: self.location(),
            generation: state.generation,
            sequence: state.sequence,
            collections: collections.collect(),
        })
    }

    /// Reads every file of every kept generation and compares the checksums. Finds; mends nothing.
    ///
    /// # Errors
    /// `Aborted`, `Closed`. What is wrong with files is in the answer, not an error.
    pub fn verify(&self, watch: &Watch<'_>) -> Result<Verification> {
        self.check_open()?;
        let live = self.writer().manifest.clone();
        let mut problems = Vec::new();
        if let Err(error) = self.vfs.read(CURRENT) {
            problems.push(problem(CURRENT, &error.to_string()));
        }
        let kept: Vec<_> = live.kept.iter().map(|kept| Manifest::load(&*self.vfs, &kept.manifest)).collect();
        self.verify_files(std::iter::once(Ok(live)).chain(kept), problems, watch)
    }

    /// Reads every file of one sealed, kept or live generation.
    ///
    /// # Errors
    /// `GenerationGone`, and those of [`verify`](Self::verify).
    pub fn verify_generation(&self, generation: u64, watch: &Watch<'_>) -> Result<Verification> {
        self.check_open()?;
        let manifest = {
            let writer = self.writer();
            if writer.manifest.generation == generation {
                Ok(writer.manifest.clone())
            } else {
                let kept = writer.kept(generation).ok_or_else(|| self.gone(&writer, generation))?;
                Manifest::load(&*self.vfs, &kept.manifest)
            }
        };
        self.verify_files(std::iter::once(manifest), Vec::new(), watch)
    }

    fn verify_files(
        &self,
        manifests: impl Iterator<Item = Result<Manifest>>,
        problems: Vec<Problem>,
        watch: &Watch<'_>,
    ) -> Result<Verification> {
        let mut found = Verification { problems, ..Verification::default() };
        let mut files = std::collections::BTreeSet::new();
        for manifest in manifests {
            match manifest {
                Ok(manifest) => {
                    if let Err(error) = Manifest::load(&*self.vfs, &manifest.file_name()) {
                        found.problems.push(problem(&manifest.file_name(), error.message()));
                    }
                    if let Err(error) = open_state(&*self.vfs, &manifest) {
                        found.problems.push(of(&error, &manifest.file_name()));
                    }
                    files.extend(manifest.files());
                }
                Err(error) => found.problems.push(of(&error, "MANIFEST")),
            }
        }
        let total = files.len().max(1) as f64;
        for (at, file) in files.iter().enumerate() {
            watch.check()?;
            (watch.progress)(at as f64 / total);
            found.files += 1;
            if let Ok(view) = self.vfs.view(file) {
                found.bytes += view.len() as u64;
            }
            if file.starts_with("seg-")
                && let Err(error) = Segment::open(&*self.vfs, file).and_then(|segment| segment.verify())
                && !found.problems.iter().any(|problem| problem.file == *file)
            {
                found.problems.push(of(&error, file));
            }
        }
        (watch.progress)(1.0);
        Ok(found)
    }
}

fn problem(file: &str, what: &str) -> Problem {
    Problem { file: file.to_owned(), problem: what.to_owned() }
}

/// An error names its file in its details.
fn of(error: &Error, otherwise: &str) -> Problem {
    let named = error.details().iter().find(|(name, _)| *name == "file").and_then(|(_, value)| value.as_str());
    problem(named.unwrap_or(otherwise), error.message())
}
