//! The main job on one store: write, ask by every leg, reopen, ask again and get the same.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use std::sync::Arc;

use gennaker_core::database::{OpenOptions, Target, WriteOp};
use gennaker_core::document::Text;
use gennaker_core::error::ErrorKind;
use gennaker_core::search::query::{Fusion, FusionMethod, SearchQuery};
use gennaker_core::segment::writer::Watch;
use gennaker_core::storage::disk::Disk;
use gennaker_core::storage::memory::Memory;
use gennaker_core::storage::vfs::Vfs;
use serde_json::{Value, json};
use support::*;

fn corpus() -> Vec<gennaker_core::database::NewDocument> {
    vec![
        doc(
            "1",
            "Abort a fetch with an AbortController",
            Some(&[1.0, 0.0, 0.0]),
            json!({ "lang": "js", "year": 2020 }),
        ),
        doc(
            "2",
            "Cancel a running query after a timeout",
            Some(&[0.0, 1.0, 0.0]),
            json!({ "lang": "sql", "year": 2021 }),
        ),
        doc("3", "Fetch rows page by page", Some(&[0.6, 0.8, 0.0]), json!({ "lang": "sql" })),
        doc("4", "", Some(&[0.0, 0.0, 2.0]), Value::Null),
        doc("5", "A document without a vector about fetch", None, json!({ "lang": "js" })),
    ]
}

fn queries() -> Vec<SearchQuery> {
    let vector = SearchQuery { vector: Some(vec![1.0, 0.2, 0.0]), ..SearchQuery::default() };
    let mut all = vec![words("abort fetch"), vector.clone(), filtered(words("fetch"), &json!({ "lang": "sql" }))];
    for method in [FusionMethod::Balanced, FusionMethod::Convex, FusionMethod::Rrf, FusionMethod::Dbsf] {
        let fusion = Fusion { method, ..Fusion::default() };
        all.push(SearchQuery { text: Some("fetch".into()), fusion, ..vector.clone() });
    }
    all.push(SearchQuery { k: 2, offset: 1, ..words("fetch") });
    all
}

#[test]
fn legs_answer_and_survive_reopening_flushing_and_merging() {
    for vfs in [Arc::new(Memory::new()) as Arc<dyn Vfs>, {
        let folder = tempfile::tempdir().unwrap().keep();
        Arc::new(Disk::open(&folder, true).unwrap())
    }] {
        let db = open(&vfs).unwrap();
        define(&db, Target::Live, json!({ "dimension": 3 })).unwrap();
        assert_eq!(put(&db, Target::Live, corpus()).unwrap(), 2);
        let text = ask(&db, &words("abort fetch")).unwrap();
        assert_eq!(ids(&text)[0], "1");
        assert_eq!(text.hits.len(), 3);
        assert_eq!(text.hits[0].text, Some(Text::Plain("Abort a fetch with an AbortController".into())));
        assert_eq!(text.hits[0].metadata.as_deref(), Some(r#"{"lang":"js","year":2020}"#));
        assert_eq!(text.hits[0].vector_score, None);
        let near = SearchQuery { vector: Some(vec![1.0, 0.0, 0.0]), ..SearchQuery::default() };
        let near = ask(&db, &near).unwrap();
        assert_eq!(ids(&near), ["1", "3", "2", "4"], "nearest first, ties by id, nothing without a vector");
        assert!((near.hits[1].score - 0.6).abs() < 1e-6);
        let both =
            SearchQuery { text: Some("fetch".into()), vector: Some(vec![0.0, 0.0, 1.0]), ..SearchQuery::default() };
        let both = ask(&db, &both).unwrap();
        let fourth = both.hits.iter().find(|hit| &*hit.id == "4").unwrap();
        assert_eq!((fourth.vector_score, fourth.text_score), (Some(1.0), Some(0.0)), "complete fusion: both scores");
        let before: Vec<_> = queries().iter().map(|query| ask(&db, query).unwrap().hits).collect();
        assert_eq!(ids(&ask(&db, &filtered(words("fetch"), &json!({ "lang": "sql" }))).unwrap()), ["3"]);

        let compare = |db: &gennaker_core::database::Database, when: &str| {
            for (query, expected) in queries().iter().zip(&before) {
                assert_eq!(&ask(db, query).unwrap().hits, expected, "{when}: {query:?}");
            }
        };
        db.close().unwrap();
        assert_eq!(ask(&db, &words("fetch")).unwrap_err().kind(), ErrorKind::Closed);
        drop(db);
        let db = open(&vfs).unwrap();
        compare(&db, "from the log");
        db.optimize("docs", &Watch::NONE).unwrap();
        compare(&db, "from a segment");
        say(&db, "9", "unrelated words").unwrap();
        remove(&db, "9").unwrap();
        compare(&db, "after a write and its delete");
        db.close().unwrap();
        let db = open(&vfs).unwrap();
        compare(&db, "from segment and log");
        assert!(db.verify(&Watch::NONE).unwrap().problems.is_empty());
        assert_eq!(db.stats(Target::Live).unwrap().collections[0].documents, 5);
    }
}

#[test]
fn one_writer_and_readers_beside_it() {
    let vfs: Arc<dyn Vfs> = Arc::new(Memory::new());
    let reader = OpenOptions { read_only: true, ..OpenOptions::default() };
    let missing = gennaker_core::database::Database::open(vfs.clone(), &reader).err().unwrap();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    let db = open(&vfs).unwrap();
    define(&db, Target::Live, json!({})).unwrap();
    say(&db, "1", "unflushed words").unwrap();
    assert_eq!(open(&vfs).err().unwrap().kind(), ErrorKind::Locked);
    let other = gennaker_core::database::Database::open(vfs.clone(), &reader).unwrap();
    assert_eq!(ids(&ask(&other, &words("unflushed")).unwrap()), ["1"]);
    assert_eq!(say(&other, "2", "no").unwrap_err().kind(), ErrorKind::ReadOnly);
    db.optimize("docs", &Watch::NONE).unwrap();
    say(&db, "1", "replaced").unwrap();
    db.optimize("docs", &Watch::NONE).unwrap();
    assert_eq!(ids(&ask(&other, &words("unflushed")).unwrap()), ["1"], "a reader keeps its files");
    drop(db);
    open(&vfs).unwrap();
}

#[test]
fn a_bad_batch_changes_nothing() {
    let vfs: Arc<dyn Vfs> = Arc::new(Memory::new());
    let db = open(&vfs).unwrap();
    define(&db, Target::Live, json!({ "dimension": 2 })).unwrap();
    let good = put(&db, Target::Live, vec![doc("1", "fine", Some(&[1.0, 0.0]), json!({ "n": 1 }))]).unwrap();
    let bad: Vec<(ErrorKind, gennaker_core::database::NewDocument)> = vec![
        (ErrorKind::DimensionMismatch, doc("2", "", Some(&[1.0]), Value::Null)),
        (ErrorKind::NotFinite, doc("2", "", Some(&[f32::NAN, 1.0]), Value::Null)),
        (ErrorKind::ZeroVector, doc("2", "", Some(&[0.0, 0.0]), Value::Null)),
        (ErrorKind::InvalidId, doc("", "x", None, Value::Null)),
        (ErrorKind::InvalidId, doc(&"x".repeat(1025), "x", None, Value::Null)),
        (ErrorKind::InvalidId, doc("ok", "twice", None, Value::Null)),
        (ErrorKind::InvalidSchema, doc("2", "x", None, json!({ "n": "text" }))),
    ];
    for (kind, document) in bad {
        let error = put(&db, Target::Live, vec![doc("ok", "ok", None, json!({ "new": true })), document]).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.details().iter().any(|(name, value)| *name == "position" && *value == 1), "{error:?}");
    }
    assert_eq!(contents(&db, Target::Live).unwrap(), map(&[("1", "fine")]));
    let stats = db.stats(Target::Live).unwrap();
    assert_eq!(stats.sequence, good);
    assert!(!stats.collections[0].schema.metadata.contains_key("new"), "the schema learned from a refused batch");
    let unknown = db.search(Target::Live, "other", "", &words("x"), &|| false).unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
    assert_eq!(ask(&db, &SearchQuery { k: 0, ..words("x") }).unwrap_err().kind(), ErrorKind::InvalidQuery);
    assert_eq!(
        ask(&db, &SearchQuery { vector: Some(vec![1.0; 3]), ..SearchQuery::default() }).unwrap_err().kind(),
        ErrorKind::DimensionMismatch
    );
    let aborted = db.search(Target::Live, "docs", "", &words("fine"), &|| true).unwrap_err();
    assert_eq!(aborted.kind(), ErrorKind::Aborted);
}

#[test]
fn namespaces_do_not_see_each_other() {
    let vfs: Arc<dyn Vfs> = Arc::new(Memory::new());
    let db = open(&vfs).unwrap();
    define(&db, Target::Live, json!({})).unwrap();
    let write = |namespace: &str, op: WriteOp| {
        db.write(gennaker_core::database::Write {
            target: Target::Live,
            collection: "docs".into(),
            namespace: namespace.into(),
            op,
            durability: gennaker_core::database::Durability::Sync,
        })
        .unwrap()
    };
    for (namespace, text) in [("a", "apple pie"), ("b", "apple tart"), ("", "apple")] {
        write(namespace, WriteOp::Upsert(vec![doc("1", text, None, Value::Null)]));
    }
    let check = || {
        for (namespace, text) in [("a", "apple pie"), ("b", "apple tart"), ("", "apple"), ("c", "")] {
            let found = db.search(Target::Live, "docs", namespace, &words("apple"), &|| false).unwrap();
            let texts: Vec<_> = found.hits.iter().filter_map(|hit| hit.text.clone()).collect();
            let expected: Vec<_> = if text.is_empty() { vec![] } else { vec![Text::Plain(text.into())] };
            assert_eq!(texts, expected, "namespace {namespace:?}");
        }
    };
    check();
    db.optimize("docs", &Watch::NONE).unwrap();
    check();
    write("a", WriteOp::Delete(vec!["1".into()]));
    assert_eq!(db.count(Target::Live, "docs", "a", None, &|| false).unwrap(), 0);
    assert_eq!(db.count(Target::Live, "docs", "b", None, &|| false).unwrap(), 1);
}

#[test]
fn the_built_in_embedder_serves_from_the_first_document() {
    let vfs: Arc<dyn Vfs> = Arc::new(Memory::new());
    let db = open(&vfs).unwrap();
    define(&db, Target::Live, lsa()).unwrap();
    put(
        &db,
        Target::Live,
        vec![
            doc("1", "Abort a fetch with an AbortController", None, json!({ "lang": "js" })),
            doc("2", "Cancel a running query after a timeout", None, json!({ "lang": "sql" })),
        ],
    )
    .unwrap();
    let found = ask(&db, &words("abort a request")).unwrap();
    assert_eq!(ids(&found), ["1", "2"]);
    assert!(found.hits.iter().all(|hit| hit.vector_score.is_some() && hit.text_score.is_some()));
    db.optimize("docs", &Watch::NONE).unwrap();
    assert_eq!(ids(&ask(&db, &words("abort a request")).unwrap())[0], "1");
    assert!(db.stats(Target::Live).unwrap().collections[0].embedder.is_some());
}
