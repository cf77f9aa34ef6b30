//! Merge patches, deletes by id and by filter, dropped collections, and what reading refuses.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use std::sync::Arc;

use gennaker_core::database::{Database, Durability, Patch, PatchText, PatchVector, Target, Write, WriteOp};
use gennaker_core::document::{Document, Text};
use gennaker_core::error::{ErrorKind, Result};
use gennaker_core::filter::Filter;
use gennaker_core::search::query::{Fusion, SearchQuery};
use gennaker_core::segment::writer::Watch;
use gennaker_core::storage::memory::Memory;
use gennaker_core::storage::vfs::Vfs;
use serde_json::{Value, json};
use support::*;

fn store() -> (Arc<dyn Vfs>, Arc<Database>) {
    let vfs: Arc<dyn Vfs> = Arc::new(Memory::new());
    let db = open(&vfs).unwrap();
    define(&db, Target::Live, json!({ "dimension": 2 })).unwrap();
    let document =
        doc("a", "old text", Some(&[1.0, 0.0]), json!({ "n": 1, "tags": ["x"], "deep": { "one": 1, "two": 2 } }));
    put(&db, Target::Live, vec![document]).unwrap();
    (vfs, db)
}

fn update(db: &Database, id: &str, patch: Patch) -> Result<gennaker_core::database::Committed> {
    write_to(db, Target::Live, WriteOp::Update { id: id.into(), patch: Box::new(patch) })
}

fn get(db: &Database, id: &str) -> Option<Document> {
    db.get(Target::Live, "docs", "", &[id.into()]).unwrap().remove(0)
}

fn metadata(document: &Document) -> Value {
    document.metadata.as_ref().map_or(Value::Null, |json| serde_json::from_str(json).unwrap())
}

#[test]
fn a_patch_changes_what_it_names() {
    let (vfs, db) = store();
    let patch = Patch { metadata: Some(json!({ "n": null, "deep": { "two": 3 }, "new": true })), ..Patch::default() };
    assert_eq!(update(&db, "a", patch).unwrap().upserted, 1);
    let document = get(&db, "a").unwrap();
    assert_eq!(metadata(&document), json!({ "tags": ["x"], "deep": { "one": 1, "two": 3 }, "new": true }));
    assert_eq!(document.text, Some(Text::Plain("old text".into())));
    assert_eq!(document.vector.as_deref(), Some(&[1.0, 0.0][..]));

    let text = |value: Value| Patch { text: PatchText::Merge(value), ..Patch::default() };
    update(&db, "a", text(json!({ "title": "a title" }))).unwrap();
    let fields = json!({ "text": "old text", "title": "a title" });
    assert_eq!(serde_json::to_value(get(&db, "a").unwrap().text).unwrap(), fields, "a plain text is the field text");
    assert_eq!(ids(&ask(&db, &words("title")).unwrap()), ["a"]);
    update(&db, "a", text(json!({ "title": null, "text": "new words" }))).unwrap();
    assert!(ask(&db, &words("title")).unwrap().hits.is_empty());
    assert_eq!(ids(&ask(&db, &words("new words")).unwrap()), ["a"]);
    update(&db, "a", text(json!("plain again"))).unwrap();
    assert_eq!(get(&db, "a").unwrap().text, Some(Text::Plain("plain again".into())));
    update(&db, "a", text(Value::Null)).unwrap();
    assert_eq!(get(&db, "a").unwrap().text, None);
    for bad in [json!(1), json!({ "title": { "no": "string" } })] {
        assert_eq!(update(&db, "a", text(bad)).unwrap_err().kind(), ErrorKind::InvalidSchema);
    }

    let vector = |vector| Patch { vector, ..Patch::default() };
    update(&db, "a", vector(PatchVector::Set(Box::from([0.0, 2.0])))).unwrap();
    assert_eq!(get(&db, "a").unwrap().vector.as_deref(), Some(&[0.0, 2.0][..]));
    let wrong = update(&db, "a", vector(PatchVector::Set(Box::from([0.0])))).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::DimensionMismatch);
    update(&db, "a", vector(PatchVector::Drop)).unwrap();
    update(&db, "a", Patch { metadata: Some(Value::Null), ..Patch::default() }).unwrap();
    let bare = get(&db, "a").unwrap();
    assert_eq!((bare.vector, bare.metadata), (None, None));
    assert_eq!(update(&db, "missing", Patch::default()).unwrap_err().kind(), ErrorKind::NotFound);
    drop(db);
    assert_eq!(get(&open(&vfs).unwrap(), "a").unwrap().text, None, "replayed as it was");
}

#[test]
fn a_patch_of_text_is_embedded_again() {
    let vfs: Arc<dyn Vfs> = Arc::new(Memory::new());
    let db = open(&vfs).unwrap();
    define(&db, Target::Live, lsa()).unwrap();
    say(&db, "a", "river water").unwrap();
    let before = get(&db, "a").unwrap().vector;
    let patch = Patch { text: PatchText::Merge(json!("engine motor")), ..Patch::default() };
    update(&db, "a", patch).unwrap();
    assert_ne!(get(&db, "a").unwrap().vector, before);
    let given = Patch { vector: PatchVector::Set(Box::from([0.5; 128])), ..Patch::default() };
    assert_eq!(update(&db, "a", given).unwrap_err().kind(), ErrorKind::InvalidSchema);
}

#[test]
fn deletes_count_what_was_there() {
    let (_, db) = store();
    for id in ["b", "c", "d"] {
        put(&db, Target::Live, vec![doc(id, "more", None, json!({ "n": 2 }))]).unwrap();
    }
    let before = db.snapshot().sequence;
    let delete = |ids: &[&str]| {
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        write_to(&db, Target::Live, WriteOp::Delete(ids))
    };
    let nothing = delete(&["missing", "other"]).unwrap();
    assert_eq!((nothing.deleted, nothing.sequence), (0, before), "nothing to do takes no number");
    assert_eq!(delete(&["b", "missing", "b"]).unwrap().deleted, 1);
    assert_eq!(delete(&[""]).unwrap_err().kind(), ErrorKind::InvalidId);
    db.optimize("docs", &Watch::NONE).unwrap();
    let filter = Filter::parse(&json!({ "n": 2 })).unwrap();
    assert_eq!(db.count(Target::Live, "docs", "", Some(&filter), &|| false).unwrap(), 2);
    assert_eq!(db.count(Target::Live, "docs", "", Some(&filter), &|| true).unwrap_err().kind(), ErrorKind::Aborted);
    let mut scan = db.scan(Target::Live, "docs", "", Some(filter.clone())).unwrap();
    assert_eq!(write_to(&db, Target::Live, WriteOp::DeleteWhere(filter)).unwrap().deleted, 2);
    let first = scan.next(1).unwrap();
    assert_eq!(&*first[0].key.id, "c", "a scan keeps its snapshot");
    assert_eq!(scan.next(5).unwrap().len(), 1);
    assert!(scan.next(5).unwrap().is_empty());
    assert_eq!(contents(&db, Target::Live).unwrap(), map(&[("a", "old text")]));
}

#[test]
fn collections_are_opened_again_extended_and_dropped() {
    let (vfs, db) = store();
    let before = db.snapshot().sequence;
    define(&db, Target::Live, json!({ "dimension": 2 })).unwrap();
    assert_eq!(db.snapshot().sequence, before, "opening as it is changes nothing");
    define(
        &db,
        Target::Live,
        json!({ "metadata": { "year": "int", "secret": { "type": "string", "filterable": false } } }),
    )
    .unwrap();
    assert_eq!(db.snapshot().sequence, before + 1);
    assert_eq!(define(&db, Target::Live, json!({ "dimension": 3 })).unwrap_err().kind(), ErrorKind::DimensionMismatch);
    let hidden = filtered(words("old"), &json!({ "secret": "x" }));
    assert_eq!(ask(&db, &hidden).unwrap_err().kind(), ErrorKind::InvalidFilter);
    let named = |name: &str, op| {
        db.write(Write {
            target: Target::Live,
            collection: name.into(),
            namespace: String::new(),
            op,
            durability: Durability::None,
        })
    };
    assert_eq!(named("../etc", WriteOp::Define(Box::default())).unwrap_err().kind(), ErrorKind::InvalidName);
    assert_eq!(named("other", WriteOp::Drop).unwrap_err().kind(), ErrorKind::NotFound);
    named(
        "required",
        WriteOp::Define(Box::new(gennaker_core::validate::SchemaSpec {
            namespaces_required: true,
            ..Default::default()
        })),
    )
    .unwrap();
    let unbound = named("required", WriteOp::Upsert(vec![doc("1", "x", None, Value::Null)])).unwrap_err();
    assert_eq!(db.search(Target::Live, "required", "", &words("x"), &|| false).unwrap_err().kind(), unbound.kind());
    write_to(&db, Target::Live, WriteOp::Drop).unwrap();
    assert_eq!(ask(&db, &words("old")).unwrap_err().kind(), ErrorKind::NotFound);
    define(&db, Target::Live, json!({ "dimension": 3 })).unwrap();
    assert_eq!(db.count(Target::Live, "docs", "", None, &|| false).unwrap(), 0, "made again it is another");
    db.close().unwrap();
    let db = open(&vfs).unwrap();
    assert_eq!(db.snapshot().collections.len(), 2);
    assert_eq!(db.snapshot().collections["docs"].schema.dimension, Some(3));
}

#[test]
fn queries_out_of_range_are_refused() {
    let (_, db) = store();
    let base = || words("old");
    let cases: Vec<(ErrorKind, SearchQuery)> = vec![
        (ErrorKind::InvalidQuery, SearchQuery::default()),
        (ErrorKind::InvalidQuery, SearchQuery { k: 10_001, ..base() }),
        (ErrorKind::LimitExceeded, SearchQuery { offset: 9_995, ..base() }),
        (ErrorKind::LimitExceeded, words(&"word ".repeat(14_000))),
        (ErrorKind::InvalidQuery, SearchQuery { min_score: Some(f64::NAN), ..base() }),
        (
            ErrorKind::InvalidQuery,
            SearchQuery { fusion: Fusion { rrf_k: Some(f64::INFINITY), ..Fusion::default() }, ..base() },
        ),
        (ErrorKind::NotFinite, SearchQuery { vector: Some(vec![f32::NAN, 0.0]), ..base() }),
        (ErrorKind::ZeroVector, SearchQuery { vector: Some(vec![0.0, 0.0]), ..base() }),
    ];
    for (kind, query) in cases {
        let error = ask(&db, &query).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
    }
    assert!(ask(&db, &SearchQuery { min_score: Some(1e9), ..base() }).unwrap().hits.is_empty());
    let none = SearchQuery { text: Some("unknown".into()), vector: Some(vec![1.0, 0.0]), ..SearchQuery::default() };
    assert_eq!(ids(&ask(&db, &none).unwrap()), ["a"], "no known word: the vector alone");
    let full = gennaker_core::search::query::Include { vector: true, text: false, metadata: false };
    let hit = ask(&db, &SearchQuery { include: full, ..base() }).unwrap().hits.remove(0);
    assert_eq!((hit.vector.as_deref(), hit.text, hit.metadata), (Some(&[1.0, 0.0][..]), None, None));
    let many = db.search_many(Target::Live, "docs", "", &[base(), words("unknown")], &|| false).unwrap();
    assert_eq!(many.iter().map(|result| result.hits.len()).collect::<Vec<_>>(), [1, 0]);
    let bad = db.search_many(Target::Live, "docs", "", &[base(), SearchQuery::default()], &|| false).unwrap_err();
    assert!(bad.details().iter().any(|(name, value)| *name == "position" && *value == 1));
}
