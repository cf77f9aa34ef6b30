//! A database that is closed while it rewrites its files publishes nothing afterwards: another process may own the
//! directory by then.
#![allow(missing_docs, reason = "tests")]

mod support;

use std::io;
use std::sync::{Arc, Mutex};

use gennaker_core::database::Target;
use gennaker_core::error::ErrorKind;
use gennaker_core::generation::manifest::CURRENT;
use gennaker_core::segment::writer::Watch;
use gennaker_core::storage::memory::Memory;
use gennaker_core::storage::vfs::{FileView, LockMode, Vfs, VfsFile, VfsLock};
use serde_json::json;
use support::*;

/// Memory that does something once, when a file of a rewrite is created.
#[derive(Clone, Default)]
struct Hooked {
    memory: Memory,
    hook: Arc<Mutex<Option<Hook>>>,
}
type Hook = Box<dyn FnOnce() + Send>;

#[test]
fn a_flush_that_outlives_its_database_is_thrown_away() {
    let hooked = Hooked::default();
    let vfs: Arc<dyn Vfs> = Arc::new(hooked.clone());
    let db = open(&vfs).unwrap();
    define(&db, Target::Live, json!({})).unwrap();
    let rows = 8192;
    put(&db, Target::Live, (0..rows).map(|id| doc(&id.to_string(), "", None, json!({}))).collect()).unwrap();
    assert!(db.maintenance_is_due());
    let before = vfs.read(CURRENT).unwrap();
    let closing = db.clone();
    *hooked.hook.lock().unwrap() = Some(Box::new(move || closing.close().unwrap()));
    let failed = db.maintain().unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Closed, "{failed:?}");
    assert!(hooked.hook.lock().unwrap().is_none(), "it was closed while the flush was under way");
    assert_eq!(vfs.read(CURRENT).unwrap(), before);
    let db = open(&vfs).unwrap();
    assert_eq!(db.stats(Target::Live).unwrap().collections[0].documents, rows);
}

impl std::fmt::Debug for Hooked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.memory.fmt(f)
    }
}

impl Vfs for Hooked {
    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        self.memory.list(dir)
    }
    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        self.memory.read(name)
    }
    fn read_at(&self, name: &str, offset: u64, max: usize) -> io::Result<Vec<u8>> {
        self.memory.read_at(name, offset, max)
    }
    fn length(&self, name: &str) -> io::Result<u64> {
        self.memory.length(name)
    }
    fn view(&self, name: &str) -> io::Result<FileView> {
        self.memory.view(name)
    }
    fn create(&self, name: &str) -> io::Result<Box<dyn VfsFile>> {
        if name.starts_with("tmp-") {
            let hook = self.hook.lock().expect("one test thread").take();
            hook.into_iter().for_each(|hook| hook());
        }
        self.memory.create(name)
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.memory.rename(from, to)
    }
    fn remove(&self, name: &str) -> io::Result<()> {
        self.memory.remove(name)
    }
    fn create_dir(&self, name: &str) -> io::Result<()> {
        self.memory.create_dir(name)
    }
    fn sync_dir(&self) -> io::Result<()> {
        self.memory.sync_dir()
    }
    fn try_lock(&self, name: &str, mode: LockMode) -> io::Result<Option<Box<dyn VfsLock>>> {
        self.memory.try_lock(name, mode)
    }
    fn location(&self) -> String {
        self.memory.location()
    }
}

#[test]
fn one_generation_is_verified_by_itself() {
    let vfs: Arc<dyn Vfs> = Arc::new(Memory::new());
    let db = open(&vfs).unwrap();
    define(&db, Target::Live, json!({})).unwrap();
    say(&db, "1", "live words").unwrap();
    db.optimize("docs", &Watch::NONE).unwrap();
    let build = db.begin(&gennaker_core::database::BeginOptions::default()).unwrap();
    put(&db, Target::Generation(build), vec![doc("2", "words of the build", None, json!({}))]).unwrap();
    db.seal(build, &Watch::NONE).unwrap();
    let live = db.verify_generation(1, &Watch::NONE).unwrap();
    let sealed = db.verify_generation(build, &Watch::NONE).unwrap();
    assert_eq!((live.files, sealed.files, db.verify(&Watch::NONE).unwrap().files), (1, 1, 2));
    assert!(live.problems.is_empty() && sealed.problems.is_empty());
    assert_eq!(db.verify_generation(9, &Watch::NONE).unwrap_err().kind(), ErrorKind::NotFound);
}
