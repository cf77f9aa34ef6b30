//! One behaviour, run over the directory (mapped and copied), the memory and the store with faults.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::io::ErrorKind as IoKind;
#[cfg(target_os = "linux")]
use std::path::Path;

use gennaker_core::error::ErrorKind;
use gennaker_core::storage::disk::{Disk, IoMode};
use gennaker_core::storage::fault::{FaultVfs, Loss};
use gennaker_core::storage::memory::Memory;
use gennaker_core::storage::vfs::{LockMode, Vfs};

fn put(vfs: &dyn Vfs, name: &str, bytes: &[u8]) {
    let mut file = vfs.create(name).unwrap();
    file.write_all(bytes).unwrap();
    file.sync().unwrap();
}

fn behaves(vfs: &dyn Vfs) {
    let ignored = |names: Vec<String>| names.into_iter().filter(|n| n != ".gitignore").collect::<Vec<_>>();
    assert!(ignored(vfs.list("").unwrap()).is_empty());

    // Reading: whole, in part, past the end, by view, while it grows.
    let mut file = vfs.create("b").unwrap();
    file.write_all(b"hello ").unwrap();
    assert_eq!(vfs.read("b").unwrap(), b"hello ");
    file.write_all(b"world").unwrap();
    file.sync().unwrap();
    drop(file);
    assert_eq!(&*vfs.view("b").unwrap(), b"hello world");
    assert_eq!(vfs.length("b").unwrap(), 11);
    assert_eq!(vfs.read_at("b", 6, 3).unwrap(), b"wor");
    assert_eq!(vfs.read_at("b", 9, 100).unwrap(), b"ld");
    assert_eq!(vfs.read_at("b", 100, 1).unwrap(), b"");

    // Views outlive renames, replacement and removal; empty and large files have views too.
    let large: Vec<u8> = (0..200_000_u32).map(|i| i as u8).collect();
    put(vfs, "large", &large);
    put(vfs, "empty", b"");
    let view = vfs.view("large").unwrap();
    assert_eq!(view.as_ptr() as usize % 16, 0);
    assert!(vfs.view("empty").unwrap().is_empty());
    vfs.rename("large", "larger").unwrap();
    vfs.rename("b", "empty").unwrap();
    assert_eq!(vfs.read("empty").unwrap(), b"hello world");
    vfs.remove("larger").unwrap();
    assert_eq!(*view, *large);
    assert_eq!(ignored(vfs.list("").unwrap()), ["empty"]);

    // A file that is created again is empty.
    drop(vfs.create("empty").unwrap());
    assert_eq!(vfs.length("empty").unwrap(), 0);

    // Directories are made with their parents, listed apart, and not listed as files.
    assert!(vfs.list("pins/old").unwrap().is_empty());
    assert_eq!(vfs.create("pins/old/x").err().unwrap().kind(), IoKind::NotFound);
    vfs.create_dir("pins/old").unwrap();
    vfs.create_dir("pins/old").unwrap();
    put(vfs, "pins/old/x", b"1");
    put(vfs, "pins/y", b"2");
    assert_eq!(vfs.list("pins").unwrap(), ["y"]);
    assert_eq!(vfs.list("pins/old").unwrap(), ["x"]);
    assert_eq!(ignored(vfs.list("").unwrap()), ["empty"]);

    // What is missing is `NotFound`, what leaves the store is `InvalidInput`, everywhere.
    assert_eq!(vfs.read("no").unwrap_err().kind(), IoKind::NotFound);
    assert_eq!(vfs.view("no").unwrap_err().kind(), IoKind::NotFound);
    assert_eq!(vfs.length("no").unwrap_err().kind(), IoKind::NotFound);
    assert_eq!(vfs.remove("no").unwrap_err().kind(), IoKind::NotFound);
    assert_eq!(vfs.rename("no", "b").unwrap_err().kind(), IoKind::NotFound);
    for outside in ["../x", "/etc/passwd", "", "a/../../b"] {
        assert_eq!(vfs.read(outside).unwrap_err().kind(), IoKind::InvalidInput, "{outside}");
        assert_eq!(vfs.create(outside).err().unwrap().kind(), IoKind::InvalidInput, "{outside}");
        assert_eq!(vfs.rename("empty", outside).unwrap_err().kind(), IoKind::InvalidInput, "{outside}");
    }
    vfs.sync_dir().unwrap();

    // Locks: one exclusive holder or many shared ones; free again when dropped.
    let lock = vfs.try_lock("LOCK", LockMode::Exclusive).unwrap().unwrap();
    assert!(vfs.try_lock("LOCK", LockMode::Exclusive).unwrap().is_none());
    assert!(vfs.try_lock("LOCK", LockMode::Shared).unwrap().is_none());
    assert!(vfs.try_lock("OTHER", LockMode::Exclusive).unwrap().is_some());
    drop(lock);
    let shared = [LockMode::Shared; 2].map(|mode| vfs.try_lock("LOCK", mode).unwrap().unwrap());
    assert!(vfs.try_lock("LOCK", LockMode::Exclusive).unwrap().is_none());
    drop(shared);
    assert!(vfs.try_lock("LOCK", LockMode::Exclusive).unwrap().is_some());
    assert!(vfs.list("").unwrap().contains(&"LOCK".into()));
}

#[test]
fn every_store_behaves_the_same() {
    behaves(&Memory::new());
    behaves(&FaultVfs::new());
    for io in [IoMode::Mmap, IoMode::Read] {
        let dir = tempfile::tempdir().unwrap();
        behaves(&Disk::open(dir.path(), true).unwrap().with_io(io));
    }
}

#[test]
fn two_handles_of_one_directory_share_files_and_locks() {
    let dir = tempfile::tempdir().unwrap();
    let [a, b] = [(); 2].map(|()| Disk::open(dir.path(), true).unwrap());
    put(&a, "x", b"1");
    assert_eq!(b.read("x").unwrap(), b"1");
    let lock = a.try_lock("LOCK", LockMode::Exclusive).unwrap();
    assert!(lock.is_some() && b.try_lock("LOCK", LockMode::Exclusive).unwrap().is_none());
}

#[test]
fn a_new_store_hides_itself_from_git_and_a_filled_folder_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("a/b/store");
    Disk::open(&store, true).unwrap();
    assert_eq!(std::fs::read_to_string(store.join(".gitignore")).unwrap(), "*\n");
    Disk::open(&store, true).unwrap();

    std::fs::write(dir.path().join("a/package.json"), "{}").unwrap();
    Disk::open(&dir.path().join("a"), true).unwrap();
    assert!(!dir.path().join("a/.gitignore").exists());

    let missing = dir.path().join("missing");
    assert_eq!(Disk::open(&missing, false).unwrap_err().kind(), ErrorKind::NotFound);
    assert!(!missing.exists());
}

#[test]
fn a_path_that_is_or_crosses_a_file_is_a_wrong_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "x").unwrap();
    for (path, create) in [(&file, true), (&file, false), (&file.join("below"), true), (&file.join("below"), false)] {
        let error = Disk::open(path, create).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{error}");
        assert!(error.message().contains("file"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_a_directory_is_a_store() {
    let dir = tempfile::tempdir().unwrap();
    let link = dir.path().join("link");
    std::fs::create_dir(dir.path().join("real")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("real"), &link).unwrap();
    behaves(&Disk::open(&link, true).unwrap());
}

#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_cannot_be_made_is_an_io_error() {
    // Nobody, root included, makes directories there.
    let error = Disk::open(Path::new("/proc/gennaker"), true).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    assert!(error.message().contains("/proc/gennaker"), "{error}");
}

#[test]
fn a_crash_takes_what_was_not_synced() {
    let vfs = FaultVfs::new();
    put(&vfs, "kept", b"kept");
    vfs.sync_dir().unwrap();
    let mut file = vfs.create("half").unwrap();
    file.write_all(b"ab").unwrap();
    file.sync().unwrap();
    vfs.sync_dir().unwrap();
    file.write_all(b"cd").unwrap();
    put(&vfs, "nameless", b"synced, but not its name");
    vfs.rename("kept", "renamed").unwrap();

    let after = vfs.crash(Loss::Unsynced);
    assert_eq!(after.list("").unwrap(), ["half", "kept"]);
    assert_eq!(after.read("half").unwrap(), b"ab");
    let alive = vfs.crash(Loss::Nothing);
    assert_eq!(alive.list("").unwrap(), ["half", "nameless", "renamed"]);
    assert_eq!(alive.read("half").unwrap(), b"abcd");
    for seed in 0..50 {
        let after = vfs.crash(Loss::Random(seed));
        assert!(after.read("half").unwrap().starts_with(b"ab"));
        assert!(after.read("kept").is_ok() != after.read("renamed").is_ok());
    }
}

#[test]
fn a_failed_sync_loses_bytes_although_the_next_one_succeeds() {
    let vfs = FaultVfs::new();
    let mut file = vfs.create("f").unwrap();
    vfs.sync_dir().unwrap();
    file.write_all(b"ab").unwrap();
    vfs.fail_once(0, IoKind::Other);
    assert!(file.sync().is_err());
    file.sync().unwrap();
    assert_eq!(vfs.crash(Loss::Unsynced).read("f").unwrap(), b"");
    assert_eq!(vfs.trace(), ["create f", "sync_dir", "write f", "sync f", "sync f"]);
}
