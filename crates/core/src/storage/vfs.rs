//! The one door to files: everything the engine reads or writes goes through a [`Vfs`] bound to one store directory.

use std::fmt::Debug;
use std::io;
use std::ops::Deref;
use std::sync::Arc;

/// One store directory. Names are relative, `/`-separated, and never come from users.
///
/// Nothing is durable before [`VfsFile::sync`]; a created or renamed name is durable after [`Vfs::sync_dir`].
/// A name that is absolute, empty, or has a `..` is an error of kind `InvalidInput`; a missing file or directory is
/// `NotFound`.
pub trait Vfs: Send + Sync + Debug {
    /// Names (not paths) of the files in `dir` (`""` is the store itself), ascending; directories are left out. A
    /// missing directory is empty.
    fn list(&self, dir: &str) -> io::Result<Vec<String>>;
    /// The whole file, copied.
    fn read(&self, name: &str) -> io::Result<Vec<u8>>;
    /// At most `max` bytes from `offset` on; fewer, or none, where the file ends.
    fn read_at(&self, name: &str, offset: u64, max: usize) -> io::Result<Vec<u8>>;
    /// The file's length in bytes.
    fn length(&self, name: &str) -> io::Result<u64>;
    /// The whole file, which must never change again: mapped where possible.
    fn view(&self, name: &str) -> io::Result<FileView>;
    /// Creates a file, or empties it, for appending.
    fn create(&self, name: &str) -> io::Result<Box<dyn VfsFile>>;
    /// Moves `from` over `to`, replacing it as one step.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Deletes a file; a missing one is an error of kind `NotFound`.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Makes a directory below the store and its parents.
    fn create_dir(&self, name: &str) -> io::Result<()>;
    /// Makes creations, renames and removals in the store directory durable (not those in directories below it).
    fn sync_dir(&self) -> io::Result<()>;
    /// Tries to lock `name` (created when missing) until the guard is dropped; `None` when somebody else holds it.
    fn try_lock(&self, name: &str, mode: LockMode) -> io::Result<Option<Box<dyn VfsLock>>>;
    /// Where the store is, for messages.
    fn location(&self) -> String;
}

/// A file that is being written, from its start to its end.
pub trait VfsFile: Send {
    /// Appends all of `bytes`.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Returns once everything appended is on stable storage. After an error the file must not be written again.
    fn sync(&mut self) -> io::Result<()>;
}

/// Held while it lives; dies with the process.
pub trait VfsLock: Send + Sync {}

/// Who else may hold the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockMode {
    /// Nobody.
    Exclusive,
    /// Other shared holders.
    Shared,
}

/// The bytes of an immutable file: mapped or in memory, cheap to clone.
#[derive(Clone)]
pub struct FileView(Arc<dyn StableBytes>);

/// Bytes that stay where they are, whoever moves their owner; only this crate says which types these are.
pub trait StableBytes: AsRef<[u8]> + Send + Sync + sealed::Sealed {}

pub(super) mod sealed {
    pub trait Sealed {}
}

impl sealed::Sealed for Vec<u8> {}
impl StableBytes for Vec<u8> {}
impl sealed::Sealed for memmap2::Mmap {}
impl StableBytes for memmap2::Mmap {}

impl FileView {
    /// Takes over `bytes`, a `Vec<u8>` or a memory map.
    pub fn new(bytes: impl StableBytes + 'static) -> Self {
        Self(Arc::new(bytes))
    }
}

// SAFETY: the `Arc` keeps the owner of the bytes where it is, nobody gets it mutably, and the sealed `StableBytes` are heap
// buffers and memory maps, which give the same slice as long as they live. So `deref` of a moved or cloned view gives the
// same address.
#[allow(unsafe_code, reason = "tantivy reads sections in place only through owners that promise a stable address")]
unsafe impl stable_deref_trait::StableDeref for FileView {}

impl Deref for FileView {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

impl Debug for FileView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileView({} bytes)", self.len())
    }
}
