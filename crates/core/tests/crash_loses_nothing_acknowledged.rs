//! Power fails, or one operation of the storage does, at every single operation of a history that writes, flushes, builds,
//! promotes and rolls back. After each, the store opens and holds everything acknowledged, and never a mix.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use gennaker_core::database::{BeginFrom, BeginOptions, Database, Target, Writes};
use gennaker_core::error::Result;
use gennaker_core::segment::writer::Watch;
use gennaker_core::storage::fault::{FaultVfs, Loss};
use gennaker_core::storage::vfs::Vfs;
use serde_json::{Value, json};
use support::*;

type Contents = BTreeMap<String, String>;

/// What the store must hold: `sure` was acknowledged; `maybe`, if any, is what the step in progress would make of it.
#[derive(Default)]
struct Model {
    sure: Contents,
    maybe: Option<Contents>,
}

impl Model {
    fn step(&mut self, after: Contents, act: impl FnOnce() -> Result<()>) -> Result<()> {
        self.maybe = Some(after.clone());
        act()?;
        self.sure = after;
        self.maybe = None;
        Ok(())
    }
}

fn with(base: &Contents, id: &str, text: Option<&str>) -> Contents {
    let mut next = base.clone();
    match text {
        Some(text) => next.insert(id.into(), text.into()),
        None => next.remove(id),
    };
    next
}

/// One fixed history. Stops at the first error.
fn history(vfs: &Arc<dyn Vfs>, model: &mut Model) -> Result<()> {
    let db = open(vfs)?;
    define(&db, Target::Live, json!({}))?;
    let write = |model: &mut Model, db: &Database, id: &str, text: &str| {
        model.step(with(&model.sure, id, Some(text)), || say(db, id, text).map(drop))
    };
    write(model, &db, "a", "one")?;
    write(model, &db, "b", "two")?;
    db.optimize("docs", &Watch::NONE)?;
    write(model, &db, "a", "three")?;
    model.step(with(&model.sure, "b", None), || remove(&db, "b").map(drop))?;
    drop(db);
    // From here on an older log file lies beside the current one.
    let db = open(vfs)?;
    let next = db.begin(&BeginOptions { from: BeginFrom::Empty, collections: None })?;
    put(&db, Target::Generation(next), vec![doc("built", "built", None, Value::Null)])?;
    write(model, &db, "c", "live")?;
    db.seal(next, &Watch::NONE)?;
    let old = model.sure.clone();
    let promoted = map(&[("built", "built"), ("c", "live")]);
    model.step(promoted, || db.promote(next, Writes::Keep).map(drop))?;
    write(model, &db, "d", "later")?;
    db.optimize("docs", &Watch::NONE)?;
    model.step(with(&old, "d", Some("later")), || db.rollback(None, Writes::Keep).map(drop))?;
    write(model, &db, "e", "last")?;
    db.close()?;
    drop(db);
    let db = open(vfs)?;
    write(model, &db, "f", "reopened")?;
    db.close()
}

fn check(vfs: &Arc<dyn Vfs>, model: &Model, what: &str) {
    let db = open(vfs).unwrap_or_else(|error| panic!("{what}: does not open: {error}"));
    let found = if db.snapshot().collections.contains_key("docs") {
        contents(&db, Target::Live).unwrap_or_else(|error| panic!("{what}: cannot be read: {error}"))
    } else {
        Contents::new()
    };
    assert!(
        found == model.sure || model.maybe.as_ref() == Some(&found),
        "{what}: found {found:?}, acknowledged {:?}, in progress {:?}",
        model.sure,
        model.maybe
    );
    let verified = db.verify(&Watch::NONE).unwrap();
    assert!(verified.problems.is_empty(), "{what}: {verified:?}");
    // The store goes on: it takes a write, and another opening sees it.
    if db.snapshot().collections.contains_key("docs") {
        say(&db, "again", "again").unwrap_or_else(|error| panic!("{what}: cannot be written: {error}"));
        drop(db);
        let db = open(vfs).unwrap();
        assert_eq!(contents(&db, Target::Live).unwrap(), with(&found, "again", Some("again")), "{what}");
    }
}

#[test]
fn after_a_failure_and_a_power_cut_at_every_operation() {
    let whole = FaultVfs::new();
    let mut model = Model::default();
    history(&(Arc::new(whole.clone()) as Arc<dyn Vfs>), &mut model).unwrap();
    let operations = whole.operations();
    assert!(operations > 100, "{operations}");
    let mut failed = 0;
    for n in 0..operations {
        for (kind, power) in
            [(io::ErrorKind::Other, false), (io::ErrorKind::StorageFull, false), (io::ErrorKind::Other, true)]
        {
            let vfs = FaultVfs::new();
            if power {
                vfs.fail_from(n, kind);
            } else {
                vfs.fail_once(n, kind);
            }
            let mut model = Model::default();
            failed += usize::from(history(&(Arc::new(vfs.clone()) as Arc<dyn Vfs>), &mut model).is_err());
            vfs.heal();
            for loss in [Loss::Unsynced, Loss::Nothing, Loss::Random(n as u64)] {
                let crashed: Arc<dyn Vfs> = Arc::new(vfs.crash(loss));
                check(
                    &crashed,
                    &model,
                    &format!("operation {n} of {operations} fails ({kind:?}, power {power}, {loss:?})"),
                );
            }
        }
    }
    assert!(failed > operations, "most failures reach the caller: {failed} of {}", 3 * operations);
}
