//! A store in a directory.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::aligned::AlignedBytes;
use super::name;
use super::vfs::{FileView, LockMode, Vfs, VfsFile, VfsLock};
use crate::error::{Error, ErrorKind, Result};

/// Shorter files are copied: a mapping costs more than it saves, and a copy cannot fault when somebody cuts the file.
const MAP_FROM: u64 = 64 * 1024;

/// How [`Vfs::view`] gets at the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IoMode {
    /// Maps files of 64 KiB or more: a page is read when it is first touched.
    #[default]
    Mmap,
    /// Copies every file. For file systems where a mapping can fault (network drives, disks that fill up or go away).
    Read,
}

/// One directory. Nothing here is cached, so several handles of one directory agree.
#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
    io: IoMode,
}

impl Disk {
    /// Opens the directory `root` (or a link to one); `create` makes it and its parents when missing, and puts a
    /// `.gitignore` of `*` into it while it is empty (never into a folder that somebody else filled).
    ///
    /// # Errors
    /// `InvalidConfig` when `root` is a file, `NotFound` when it is missing and `create` is false, `Io` (or `DiskFull`)
    /// when it cannot be made or listed.
    pub fn open(root: &Path, create: bool) -> Result<Self> {
        let shown = root.display().to_string();
        match fs::metadata(root) {
            Ok(meta) if meta.is_dir() => {}
            Ok(_) => return Err(not_a_directory(&shown)),
            Err(e) if e.kind() == io::ErrorKind::NotFound && create => {
                make_durably(root).map_err(|e| match e.kind() {
                    io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => not_a_directory(&shown),
                    _ => Error::io("create the directory", &shown, e),
                })?
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let message = format!("there is no store at {shown:?}. Check the path, or open it for writing once.");
                return Err(Error::new(ErrorKind::NotFound, message).with("path", shown).because(e));
            }
            Err(e) if e.kind() == io::ErrorKind::NotADirectory => return Err(not_a_directory(&shown)),
            Err(e) => return Err(Error::io("open the directory", &shown, e)),
        }
        let mut entries = fs::read_dir(root).map_err(|e| Error::io("list the directory", &shown, e))?;
        if create && entries.next().is_none() {
            fs::write(root.join(".gitignore"), "*\n").map_err(|e| Error::io("write into the directory", &shown, e))?;
        }
        Ok(Self { root: root.to_owned(), io: IoMode::default() })
    }

    /// The same directory, read in another way.
    #[must_use]
    pub fn with_io(mut self, io: IoMode) -> Self {
        self.io = io;
        self
    }

    fn path(&self, name: &str) -> io::Result<PathBuf> {
        Ok(self.root.join(name::check(name)?))
    }
}

fn not_a_directory(shown: &str) -> Error {
    let message =
        format!("{shown:?} is, or lies below, a file, and a store is a directory. Name a new or empty folder.");
    Error::new(ErrorKind::InvalidConfig, message).with("path", shown)
}

/// Makes `root` and its missing parents, each durable in its own parent: a store that survives a power cut in a
/// directory that does not is lost all the same.
fn make_durably(root: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = root.ancestors().take_while(|p| !p.as_os_str().is_empty() && !p.exists()).collect();
    fs::create_dir_all(root)?;
    for made in missing {
        match made.parent() {
            Some(parent) if parent.as_os_str().is_empty() => sync_directory(Path::new("."))?,
            Some(parent) => sync_directory(parent)?,
            None => {}
        }
    }
    Ok(())
}

/// Some file systems (FUSE, SMB) have no such call for directories; on those a rename is as durable as it gets.
#[cfg(unix)]
fn sync_directory(path: &Path) -> io::Result<()> {
    match File::open(path)?.sync_all() {
        Err(e) if matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        done => done,
    }
}

/// Windows cannot sync a directory; NTFS journals names.
#[cfg(not(unix))]
fn sync_directory(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(not(windows))]
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

/// Virus scanners and indexers hold new files for moments; a rename is refused as long as they do.
#[cfg(windows)]
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    use std::time::{Duration, Instant};
    const SHARING_VIOLATION: i32 = 32;
    let deadline = Instant::now() + Duration::from_secs(10);
    let mut pause = Duration::from_millis(1);
    loop {
        match fs::rename(from, to) {
            Err(e)
                if (e.kind() == io::ErrorKind::PermissionDenied || e.raw_os_error() == Some(SHARING_VIOLATION))
                    && Instant::now() + pause < deadline =>
            {
                std::thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(250));
            }
            done => return done,
        }
    }
}

impl Vfs for Disk {
    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        let path = if dir.is_empty() { self.root.clone() } else { self.path(dir)? };
        let entries = match fs::read_dir(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound && !dir.is_empty() => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            // A name that is not UTF-8 was never ours.
            if let (false, Ok(name)) = (entry.file_type()?.is_dir(), entry.file_name().into_string()) {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.path(name)?)
    }

    fn read_at(&self, name: &str, offset: u64, max: usize) -> io::Result<Vec<u8>> {
        let mut file = File::open(self.path(name)?)?;
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.take(max as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn length(&self, name: &str) -> io::Result<u64> {
        Ok(fs::metadata(self.path(name)?)?.len())
    }

    fn view(&self, name: &str) -> io::Result<FileView> {
        let mut file = File::open(self.path(name)?)?;
        let length = file.metadata()?.len();
        if self.io == IoMode::Mmap && length >= MAP_FROM {
            return map(&file);
        }
        let length = usize::try_from(length).map_err(|e| io::Error::new(io::ErrorKind::FileTooLarge, e))?;
        let mut bytes = AlignedBytes::zeroed(length)?;
        file.read_exact(bytes.as_mut())?;
        Ok(FileView::new(bytes))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn VfsFile>> {
        Ok(Box::new(DiskFile(File::create(self.path(name)?)?)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        rename(&self.path(from)?, &self.path(to)?)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path(name)?)
    }

    fn create_dir(&self, name: &str) -> io::Result<()> {
        fs::create_dir_all(self.path(name)?)
    }

    fn sync_dir(&self) -> io::Result<()> {
        sync_directory(&self.root)
    }

    fn try_lock(&self, name: &str, mode: LockMode) -> io::Result<Option<Box<dyn VfsLock>>> {
        let path = self.path(name)?;
        let file = match OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path) {
            // Whoever may only read can still tell writers that he reads.
            Err(e) if mode == LockMode::Shared && is_read_only(&e) => File::open(&path)?,
            file => file?,
        };
        let locked = match mode {
            LockMode::Exclusive => file.try_lock(),
            LockMode::Shared => file.try_lock_shared(),
        };
        match locked {
            Ok(()) => Ok(Some(Box::new(DiskLock(file)))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(e),
        }
    }

    fn location(&self) -> String {
        self.root.display().to_string()
    }
}

fn is_read_only(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

#[allow(unsafe_code)] // The one place that maps files; see the reason at the block.
fn map(file: &File) -> io::Result<FileView> {
    // SAFETY: The mapping is read-only and private to this view. A store never writes to a file after its final name is
    // given, and the writer lock keeps other processes of ours from it, so the bytes do not change under the slice.
    // Somebody who cuts a file from outside can raise SIGBUS; `IoMode::Read` is for places where that must be feared.
    let map = unsafe { memmap2::Mmap::map(file)? };
    Ok(FileView::new(map))
}

struct DiskFile(File);

impl VfsFile for DiskFile {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_all()
    }
}

/// The lock lives as long as the open file.
struct DiskLock(#[allow(dead_code, reason = "held, not read")] File);

impl VfsLock for DiskLock {}
