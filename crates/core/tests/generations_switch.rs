//! Generations: built aside, sealed, promoted over live writes, rolled back, kept, pinned, forgotten.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use std::sync::Arc;

use gennaker_core::database::{
    BeginFrom, BeginOptions, Database, GenerationState, OpenOptions, Target, WriteOp, Writes,
};
use gennaker_core::error::ErrorKind;
use gennaker_core::generation::retain::Retention;
use gennaker_core::segment::writer::Watch;
use gennaker_core::storage::memory::Memory;
use gennaker_core::storage::vfs::Vfs;
use serde_json::{Value, json};
use support::*;

fn store() -> (Arc<dyn Vfs>, Arc<Database>) {
    let vfs: Arc<dyn Vfs> = Arc::new(Memory::new());
    let db = open(&vfs).unwrap();
    define(&db, Target::Live, json!({})).unwrap();
    (vfs, db)
}

fn empty() -> BeginOptions {
    BeginOptions { from: BeginFrom::Empty, collections: None }
}

/// Builds and seals a generation with these documents only.
fn build(db: &Database, documents: &[(&str, &str)]) -> u64 {
    let generation = db.begin(&empty()).unwrap();
    let documents = documents.iter().map(|(id, text)| doc(id, text, None, Value::Null)).collect();
    put(db, Target::Generation(generation), documents).unwrap();
    db.seal(generation, &Watch::NONE).unwrap();
    generation
}

fn live(db: &Database) -> std::collections::BTreeMap<String, String> {
    contents(db, Target::Live).unwrap()
}

#[test]
fn promotion_carries_live_writes_and_rollback_keeps_or_drops_later_ones() {
    let (vfs, db) = store();
    say(&db, "a", "old a").unwrap();
    say(&db, "b", "old b").unwrap();
    let next = db.begin(&empty()).unwrap();
    put(
        &db,
        Target::Generation(next),
        vec![doc("a", "new a", None, Value::Null), doc("c", "new c", None, Value::Null)],
    )
    .unwrap();
    assert_eq!(live(&db), map(&[("a", "old a"), ("b", "old b")]), "a build is not seen by readers of the live one");
    say(&db, "a", "live a").unwrap();
    say(&db, "d", "live d").unwrap();
    remove(&db, "c").unwrap();
    let sealed = db.seal(next, &Watch::NONE).unwrap();
    assert_eq!((sealed.generation, sealed.documents), (2, 2));
    assert_eq!(contents(&db, Target::Generation(next)).unwrap(), map(&[("a", "new a"), ("c", "new c")]));
    let before = db.snapshot().sequence;
    let switched = db.promote(next, Writes::Keep).unwrap();
    assert_eq!((switched.from, switched.generation, switched.carried, switched.dropped), (1, 2, 2, 0));
    assert_eq!(switched.sequence, before + 1);
    // "c" was not there live, so deleting it was no live write.
    assert_eq!(live(&db), map(&[("a", "live a"), ("c", "new c"), ("d", "live d")]));

    say(&db, "e", "after").unwrap();
    remove(&db, "d").unwrap();
    drop(db);
    let db = open(&vfs).unwrap();
    assert_eq!(live(&db), map(&[("a", "live a"), ("c", "new c"), ("e", "after")]));
    let back = db.rollback(None, Writes::Keep).unwrap();
    assert_eq!((back.generation, back.carried), (1, 2));
    assert_eq!(live(&db), map(&[("a", "live a"), ("b", "old b"), ("e", "after")]), "d was deleted after the switch");

    say(&db, "f", "late").unwrap();
    db.promote(2, Writes::Keep).unwrap();
    assert_eq!(live(&db), map(&[("a", "live a"), ("c", "new c"), ("e", "after"), ("f", "late")]));
    say(&db, "g", "lost").unwrap();
    let back = db.rollback(Some(1), Writes::Drop).unwrap();
    assert_eq!((back.carried, back.dropped), (0, 1));
    assert_eq!(live(&db), map(&[("a", "live a"), ("b", "old b"), ("e", "after"), ("f", "late")]));
    assert_eq!(ids(&ask(&db, &words("late")).unwrap()), ["f"]);
    drop(db);
    let db = open(&vfs).unwrap();
    assert_eq!(live(&db), map(&[("a", "live a"), ("b", "old b"), ("e", "after"), ("f", "late")]));
    assert!(db.verify(&Watch::NONE).unwrap().problems.is_empty());
}

#[test]
fn a_delete_of_a_built_document_is_carried() {
    let (_, db) = store();
    say(&db, "a", "old").unwrap();
    let next = db.begin(&BeginOptions::default()).unwrap();
    put(&db, Target::Generation(next), vec![doc("b", "built", None, Value::Null)]).unwrap();
    remove(&db, "a").unwrap();
    db.seal(next, &Watch::NONE).unwrap();
    assert_eq!(db.promote(next, Writes::Refuse).unwrap_err().kind(), ErrorKind::GateRefused);
    assert_eq!(db.promote(next, Writes::Keep).unwrap().carried, 1);
    assert_eq!(live(&db), map(&[("b", "built")]));
}

#[test]
fn deletes_are_carried_after_flush_and_reopen() {
    let (vfs, db) = store();
    say(&db, "a", "first").unwrap();
    say(&db, "b", "second").unwrap();
    let next = build(&db, &[("a", "built a"), ("z", "built z")]);
    db.promote(next, Writes::Keep).unwrap();
    remove(&db, "a").unwrap();
    say(&db, "z", "live z").unwrap();
    db.optimize("docs", &Watch::NONE).unwrap();
    drop(db);
    let db = open(&vfs).unwrap();
    let back = db.rollback(None, Writes::Keep).unwrap();
    assert_eq!(back.carried, 2);
    assert_eq!(live(&db), map(&[("b", "second"), ("z", "live z")]));
}

#[test]
fn retention_keeps_three_and_what_is_pinned() {
    let (vfs, db) = store();
    say(&db, "live", "x").unwrap();
    for round in 2..=6 {
        let next = build(&db, &[("n", &round.to_string())]);
        assert_eq!(next, round);
        if round == 3 {
            db.pin(2, true).unwrap();
        }
        db.promote(next, Writes::Drop).unwrap();
    }
    let numbers = |db: &Database| db.generations().iter().map(|info| info.generation).collect::<Vec<_>>();
    assert_eq!(numbers(&db), [2, 4, 5, 6]);
    assert_eq!(db.generations()[0].state, GenerationState::Kept);
    assert_eq!(contents(&db, Target::Generation(2)).unwrap(), map(&[("n", "2")]));
    assert_eq!(contents(&db, Target::Generation(3)).unwrap_err().kind(), ErrorKind::GenerationGone);
    assert_eq!(db.drop_generation(2).unwrap_err().kind(), ErrorKind::InvalidQuery, "pinned");
    assert_eq!(db.drop_generation(6).unwrap_err().kind(), ErrorKind::InvalidQuery, "live");
    db.pin(2, false).unwrap();
    assert_eq!(numbers(&db), [4, 5, 6], "unpinned and older than the three");
    db.drop_generation(4).unwrap();
    assert_eq!(db.drop_generation(4).unwrap_err().kind(), ErrorKind::GenerationGone);
    drop(db);
    let db =
        Database::open(vfs.clone(), &OpenOptions { retention: Retention { count: 1 }, ..Default::default() }).unwrap();
    assert_eq!(numbers(&db), [5, 6]);
    let next = build(&db, &[("n", "7")]);
    db.promote(next, Writes::Drop).unwrap();
    assert_eq!(numbers(&db), [7]);
    assert_eq!(db.rollback(None, Writes::Keep).unwrap_err().kind(), ErrorKind::GenerationGone);
    let segments = vfs.list("").unwrap().iter().filter(|name| name.starts_with("seg-")).count();
    assert_eq!(segments, 1, "files of forgotten generations are deleted");
}

#[test]
fn one_build_at_a_time_and_abandon_forgets_it() {
    let (vfs, db) = store();
    say(&db, "a", "x").unwrap();
    let next = db.begin(&empty()).unwrap();
    assert_eq!(db.begin(&empty()).unwrap_err().kind(), ErrorKind::Locked);
    assert_eq!(put(&db, Target::Generation(9), vec![]).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(put(&db, Target::Generation(1), vec![]).unwrap_err().kind(), ErrorKind::ReadOnly);
    let many = (0..20_000).map(|i| doc(&i.to_string(), "spilled to disk", None, Value::Null)).collect();
    put(&db, Target::Generation(next), many).unwrap();
    assert!(vfs.list("").unwrap().iter().any(|name| name.starts_with("seg-")));
    db.abandon(next).unwrap();
    assert!(!vfs.list("").unwrap().iter().any(|name| name.starts_with("seg-")));
    assert_eq!(db.seal(next, &Watch::NONE).unwrap_err().kind(), ErrorKind::GenerationGone);
    assert_eq!(db.promote(99, Writes::Keep).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(db.promote(next, Writes::Keep).unwrap_err().kind(), ErrorKind::GenerationGone);
    let again = build(&db, &[("b", "y")]);
    db.abandon(again).unwrap();
    assert_eq!(db.generations().len(), 1);
    let cancelled = db.begin(&empty()).unwrap();
    let watch = Watch { progress: &|_| (), cancelled: &|| true };
    put(&db, Target::Generation(cancelled), vec![doc("c", "z", None, Value::Null)]).unwrap();
    assert_eq!(db.seal(cancelled, &watch).unwrap_err().kind(), ErrorKind::Aborted);
    put(&db, Target::Generation(cancelled), vec![doc("d", "z", None, Value::Null)]).unwrap();
    assert_eq!(db.seal(cancelled, &Watch::NONE).unwrap().documents, 2, "an aborted seal may be tried again");
}

#[test]
fn a_partial_build_leaves_other_collections_as_they_are_live() {
    let (_, db) = store();
    let other = |op: WriteOp| {
        db.write(gennaker_core::database::Write {
            target: Target::Live,
            collection: "other".into(),
            namespace: String::new(),
            op,
            durability: gennaker_core::database::Durability::Sync,
        })
        .unwrap()
    };
    other(WriteOp::Define(Box::default()));
    other(WriteOp::Upsert(vec![doc("1", "before", None, Value::Null)]));
    let options = BeginOptions { from: BeginFrom::Empty, collections: Some(vec!["docs".into()]) };
    let next = db.begin(&options).unwrap();
    put(&db, Target::Generation(next), vec![doc("n", "new", None, Value::Null)]).unwrap();
    other(WriteOp::Upsert(vec![doc("2", "during", None, Value::Null)]));
    db.seal(next, &Watch::NONE).unwrap();
    db.promote(next, Writes::Drop).unwrap();
    assert_eq!(live(&db), map(&[("n", "new")]));
    assert_eq!(db.count(Target::Live, "other", "", None, &|| false).unwrap(), 2);
    let unknown = BeginOptions { collections: Some(vec!["nothing".into()]), ..empty() };
    assert_eq!(db.begin(&unknown).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn collections_made_by_a_build_and_collections_dropped_live() {
    let (vfs, db) = store();
    say(&db, "a", "kept").unwrap();
    let next = db.begin(&BeginOptions::default()).unwrap();
    let write = |target, collection: &str, op| {
        db.write(gennaker_core::database::Write {
            target,
            collection: collection.into(),
            namespace: String::new(),
            op,
            durability: gennaker_core::database::Durability::Sync,
        })
    };
    write(Target::Generation(next), "built", WriteOp::Define(Box::default())).unwrap();
    write(Target::Generation(next), "built", WriteOp::Upsert(vec![doc("1", "x", None, Value::Null)])).unwrap();
    write(Target::Live, "docs", WriteOp::Drop).unwrap();
    db.seal(next, &Watch::NONE).unwrap();
    db.promote(next, Writes::Keep).unwrap();
    let names = |db: &Database| db.snapshot().collections.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&db), ["built"], "a live drop is carried too");
    write(Target::Live, "built", WriteOp::Upsert(vec![doc("2", "live", None, Value::Null)])).unwrap();
    db.rollback(None, Writes::Keep).unwrap();
    assert_eq!(names(&db), ["built"], "the live write to it is carried, what was built is not");
    assert_eq!(db.count(Target::Live, "built", "", None, &|| false).unwrap(), 1);
    drop(db);
    assert_eq!(names(&open(&vfs).unwrap()), ["built"]);
}

#[test]
fn sealing_fits_the_embedder_and_carried_documents_go_through_it() {
    let vfs: Arc<dyn Vfs> = Arc::new(Memory::new());
    let db = open(&vfs).unwrap();
    define(&db, Target::Live, lsa()).unwrap();
    let topic = |i: usize| ["river water fish boat", "engine motor wheel road", "bread flour oven yeast"][i % 3];
    let corpus = |n: usize| {
        (0..n).map(|i| doc(&i.to_string(), &format!("{} n{}", topic(i), i % 7), None, Value::Null)).collect()
    };
    let next = db.begin(&BeginOptions::default()).unwrap();
    put(&db, Target::Generation(next), corpus(300)).unwrap();
    put(&db, Target::Live, vec![doc("live", "fish water river", None, Value::Null)]).unwrap();
    db.seal(next, &Watch::NONE).unwrap();
    db.promote(next, Writes::Keep).unwrap();
    let stats = db.stats(Target::Live).unwrap();
    assert!(
        stats.collections[0].embedder.as_deref().unwrap().starts_with("lsa"),
        "{:?}",
        stats.collections[0].embedder
    );
    let found = ask(&db, &words("boat")).unwrap();
    let live = found.hits.iter().find(|hit| &*hit.id == "live");
    assert!(live.is_none_or(|hit| hit.vector_score.is_some()));
    let one = db.get(Target::Live, "docs", "", &["live".into(), "0".into()]).unwrap();
    let vectors: Vec<_> = one.into_iter().map(|document| document.unwrap().vector.unwrap()).collect();
    let cosine: f32 = vectors[0].iter().zip(&vectors[1]).map(|(a, b)| a * b).sum();
    assert!(cosine > 0.8, "one basis for built and carried documents: {cosine}");
    drop(db);
    assert_eq!(ask(&open(&vfs).unwrap(), &words("boat")).unwrap().hits, found.hits);
}

#[test]
fn the_embedder_is_fitted_in_the_background_at_a_thousand_documents() {
    let vfs: Arc<dyn Vfs> = Arc::new(Memory::new());
    let db = open(&vfs).unwrap();
    define(&db, Target::Live, lsa()).unwrap();
    let text = |i: usize| format!("word{} word{} common", i % 40, i % 23);
    let corpus = (0..999).map(|i| doc(&i.to_string(), &text(i), None, Value::Null)).collect();
    put(&db, Target::Live, corpus).unwrap();
    assert!(!db.maintenance_is_due());
    put(&db, Target::Live, vec![doc("999", &text(999), None, Value::Null)]).unwrap();
    assert!(db.maintenance_is_due());
    let before = db.snapshot().sequence;
    db.maintain().unwrap();
    assert!(!db.maintenance_is_due());
    assert_eq!(db.snapshot().sequence, before + 1, "a fit changes the ranking, so it takes a number");
    let fitted = db.stats(Target::Live).unwrap().collections[0].embedder.clone().unwrap();
    assert!(fitted.starts_with("lsa"));
    let found = ask(&db, &words("word3")).unwrap();
    drop(db);
    let db = open(&vfs).unwrap();
    assert_eq!(db.stats(Target::Live).unwrap().collections[0].embedder.as_ref(), Some(&fitted));
    assert_eq!(ask(&db, &words("word3")).unwrap().hits, found.hits);
    assert_eq!(db.snapshot().sequence, before + 1);
}

#[test]
fn an_embedder_comes_to_a_collection_only_through_an_empty_build() {
    let (_, db) = store();
    say(&db, "a", "text without vectors").unwrap();
    let refused = define(&db, Target::Live, lsa()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::EmbedderMismatch, "{refused}");
    let next = db.begin(&empty()).unwrap();
    define(&db, Target::Generation(next), lsa()).unwrap();
    put(&db, Target::Generation(next), vec![doc("a", "text with vectors", None, Value::Null)]).unwrap();
    say(&db, "b", "carried text").unwrap();
    db.seal(next, &Watch::NONE).unwrap();
    db.promote(next, Writes::Keep).unwrap();
    let found = ask(&db, &words("text")).unwrap();
    assert_eq!(found.hits.len(), 2);
    assert!(found.hits.iter().all(|hit| hit.vector_score.is_some()), "{found:?}");
    db.rollback(None, Writes::Keep).unwrap();
    assert!(ask(&db, &words("text")).unwrap().hits.iter().all(|hit| hit.vector_score.is_none()));
}

#[test]
fn fields_declared_live_during_a_build_are_carried() {
    let (_, db) = store();
    let next = db.begin(&empty()).unwrap();
    define(&db, Target::Live, json!({ "metadata": { "year": "int" }, "text": ["title"] })).unwrap();
    db.seal(next, &Watch::NONE).unwrap();
    db.promote(next, Writes::Refuse).unwrap();
    let schema = db.stats(Target::Live).unwrap().collections[0].schema.clone();
    assert!(
        schema.metadata.contains_key("year") && schema.text.iter().any(|field| field.name == "title"),
        "{schema:?}"
    );
}
