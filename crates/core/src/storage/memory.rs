//! A store that lives and dies with its handle: `:memory:`, and the fastest ground for tests.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::aligned::AlignedBytes;
use super::name;
use super::vfs::{FileView, LockMode, Vfs, VfsFile, VfsLock};

/// Files in memory. Clones are handles of the same store; syncing is free, since nothing survives the process.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    files: BTreeMap<String, Arc<Inode>>,
    dirs: BTreeSet<String>,
    locks: Locks,
}

/// The bytes of a file apart from its name, as in a file system: a rename does not disturb whoever writes.
struct Inode(Mutex<Content>);

enum Content {
    Growing(Vec<u8>),
    Viewed(FileView),
}

impl Memory {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }

    fn inode(&self, file: &str) -> io::Result<Arc<Inode>> {
        name::check(file)?;
        self.state().files.get(file).cloned().ok_or_else(|| name::not_found(file))
    }
}

/// A panic elsewhere leaves these maps whole, since every change is one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn need_dir_of(&self, file: &str) -> io::Result<()> {
        let (dir, _) = name::split(name::check(file)?);
        if dir.is_empty() || self.dirs.contains(dir) { Ok(()) } else { Err(name::not_found(dir)) }
    }
}

impl Inode {
    fn with_bytes<T>(&self, use_bytes: impl FnOnce(&[u8]) -> T) -> T {
        match &*lock(&self.0) {
            Content::Growing(bytes) => use_bytes(bytes),
            Content::Viewed(view) => use_bytes(view),
        }
    }
}

impl Vfs for Memory {
    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        let state = self.state();
        Ok(state.files.keys().map(|file| name::split(file)).filter(|(d, _)| *d == dir).map(|(_, f)| f.into()).collect())
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        Ok(self.inode(name)?.with_bytes(<[u8]>::to_vec))
    }

    fn read_at(&self, name: &str, offset: u64, max: usize) -> io::Result<Vec<u8>> {
        Ok(self.inode(name)?.with_bytes(|bytes| {
            let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
            bytes[start..start.saturating_add(max).min(bytes.len())].to_vec()
        }))
    }

    fn length(&self, name: &str) -> io::Result<u64> {
        Ok(self.inode(name)?.with_bytes(|bytes| bytes.len() as u64))
    }

    fn view(&self, name: &str) -> io::Result<FileView> {
        let inode = self.inode(name)?;
        let mut content = lock(&inode.0);
        let view = match &*content {
            Content::Viewed(view) => view.clone(),
            Content::Growing(bytes) => FileView::new(AlignedBytes::copy_of(bytes)?),
        };
        *content = Content::Viewed(view.clone());
        Ok(view)
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn VfsFile>> {
        let mut state = self.state();
        state.need_dir_of(name)?;
        let inode = Arc::new(Inode(Mutex::new(Content::Growing(Vec::new()))));
        state.files.insert(name.into(), inode.clone());
        Ok(Box::new(MemoryFile(inode)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.state();
        name::check(from)?;
        state.need_dir_of(to)?;
        let inode = state.files.remove(from).ok_or_else(|| name::not_found(from))?;
        state.files.insert(to.into(), inode);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        name::check(name)?;
        self.state().files.remove(name).map(drop).ok_or_else(|| name::not_found(name))
    }

    fn create_dir(&self, name: &str) -> io::Result<()> {
        name::check(name)?;
        let ends = name.match_indices('/').map(|(at, _)| at).chain([name.len()]);
        self.state().dirs.extend(ends.map(|end| name[..end].to_owned()));
        Ok(())
    }

    fn sync_dir(&self) -> io::Result<()> {
        Ok(())
    }

    fn try_lock(&self, name: &str, mode: LockMode) -> io::Result<Option<Box<dyn VfsLock>>> {
        let mut state = self.state();
        state.need_dir_of(name)?;
        state.files.entry(name.into()).or_insert_with(|| Arc::new(Inode(Mutex::new(Content::Growing(Vec::new())))));
        Ok(state.locks.try_lock(name, mode))
    }

    fn location(&self) -> String {
        ":memory:".into()
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Memory({} files)", self.state().files.len())
    }
}

struct MemoryFile(Arc<Inode>);

impl VfsFile for MemoryFile {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut content = lock(&self.0.0);
        if let Content::Viewed(view) = &*content {
            *content = Content::Growing(view.to_vec());
        }
        if let Content::Growing(all) = &mut *content {
            all.try_reserve(bytes.len()).map_err(|e| io::Error::new(io::ErrorKind::OutOfMemory, e))?;
            all.extend_from_slice(bytes);
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Who holds which lock of a store in memory: `-1` one exclusive holder, otherwise the number of shared ones.
#[derive(Clone, Default)]
pub(super) struct Locks(Arc<Mutex<BTreeMap<String, isize>>>);

struct HeldLock {
    locks: Locks,
    name: String,
}

impl Locks {
    pub(super) fn try_lock(&self, name: &str, mode: LockMode) -> Option<Box<dyn VfsLock>> {
        let mut table = lock(&self.0);
        let holders = table.entry(name.into()).or_default();
        match (mode, *holders) {
            (LockMode::Exclusive, 0) => *holders = -1,
            (LockMode::Shared, 0..) => *holders += 1,
            _ => return None,
        }
        Some(Box::new(HeldLock { locks: self.clone(), name: name.into() }))
    }
}

impl Drop for HeldLock {
    fn drop(&mut self) {
        if let Some(holders) = lock(&self.locks.0).get_mut(&self.name) {
            *holders = if *holders < 0 { 0 } else { *holders - 1 };
        }
    }
}

impl VfsLock for HeldLock {}
