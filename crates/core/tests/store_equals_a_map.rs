//! Random histories of a store against a map: every id, text, filter and vector answer is the map's, whatever was flushed,
//! merged, promoted, rolled back or reopened in between.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

#[path = "support/cases.rs"]
mod cases;

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use gennaker_core::database::{BeginFrom, BeginOptions, Target, WriteOp, Writes};
use gennaker_core::document::Metric;
use gennaker_core::filter::Filter;
use gennaker_core::search::query::SearchQuery;
use gennaker_core::segment::writer::Watch;
use gennaker_core::storage::memory::Memory;
use gennaker_core::storage::vfs::Vfs;
use proptest::prelude::*;
use serde_json::json;
use support::*;

const WORDS: [&str; 6] = ["red", "green", "blue", "fast", "slow", "round"];

#[derive(Debug, Clone)]
struct Row {
    word: usize,
    number: i32,
    vector: Option<[f32; 2]>,
}

#[derive(Debug, Clone)]
enum Op {
    Put(u8, Row),
    Delete(u8),
    DeleteWhere(i32),
    Optimize,
    Reopen,
    /// Builds a generation of these rows, and promotes it with the live writes of the build's time.
    Generation(Vec<(u8, Row)>, Vec<(u8, Row)>, bool),
    Rollback(bool),
}

fn row() -> impl Strategy<Value = Row> {
    (0..WORDS.len(), -3..3i32, proptest::option::of([1..9i8, -9..9i8])).prop_map(|(word, number, vector)| Row {
        word,
        number,
        vector: vector.map(|v| v.map(f32::from)),
    })
}

fn op() -> impl Strategy<Value = Op> {
    let rows = || proptest::collection::vec((0..12u8, row()), 0..4);
    prop_oneof![
        10 => (0..12u8, row()).prop_map(|(id, row)| Op::Put(id, row)),
        4 => (0..12u8).prop_map(Op::Delete),
        1 => (-3..3i32).prop_map(Op::DeleteWhere),
        2 => Just(Op::Optimize),
        2 => Just(Op::Reopen),
        2 => (rows(), rows(), any::<bool>()).prop_map(|(built, live, from_live)| Op::Generation(built, live, from_live)),
        1 => any::<bool>().prop_map(Op::Rollback),
    ]
}

type Model = BTreeMap<u8, Row>;

fn document(id: u8, row: &Row) -> gennaker_core::database::NewDocument {
    let vector = row.vector.map(|vector| vector.to_vec());
    doc(&format!("{id:02}"), WORDS[row.word], vector.as_deref(), json!({ "n": row.number }))
}

/// What the previous generation was when it was left, and the writes accepted since by key.
#[derive(Clone)]
struct Left {
    model: Model,
    since: BTreeMap<u8, Option<Row>>,
}

fn check(db: &gennaker_core::database::Database, model: &Model) {
    let expected: BTreeMap<String, String> =
        model.iter().map(|(id, row)| (format!("{id:02}"), WORDS[row.word].to_owned())).collect();
    assert_eq!(contents(db, Target::Live).unwrap(), expected);
    for (at, word) in WORDS.iter().enumerate() {
        let mut found = ids(&ask(db, &SearchQuery { k: 100, ..words(word) }).unwrap());
        found.sort();
        let expected: Vec<String> =
            model.iter().filter(|(_, row)| row.word == at).map(|(id, _)| format!("{id:02}")).collect();
        assert_eq!(found, expected, "word {word}");
    }
    let filter = json!({ "n": { "$gte": 0 } });
    let count = db.count(Target::Live, "docs", "", Some(&Filter::parse(&filter).unwrap()), &|| false).unwrap();
    assert_eq!(count, model.values().filter(|row| row.number >= 0).count() as u64);
    let query = [0.8f32, -0.6];
    let near = filtered(SearchQuery { vector: Some(query.to_vec()), k: 5, ..SearchQuery::default() }, &filter);
    let mut scored: Vec<(f64, String)> = model
        .iter()
        .filter(|(_, row)| row.number >= 0)
        .filter_map(|(id, row)| {
            let vector = row.vector?;
            let norm = vector.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
            let dot: f64 = vector.iter().zip(query).map(|(a, b)| f64::from(*a) * f64::from(b)).sum();
            Some((dot / norm, format!("{id:02}")))
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    scored.truncate(5);
    let found = ask(db, &near).unwrap();
    assert_eq!(found.hits.len(), scored.len());
    for (hit, (score, _)) in found.hits.iter().zip(&scored) {
        // By score, not by id: rows of one direction differ in the last bit of their norm.
        assert!((hit.score - score).abs() < 1e-6, "{found:?} {scored:?}");
    }
}

fn run(ops: Vec<Op>) {
    let vfs: Arc<dyn Vfs> = Arc::new(Memory::new());
    let mut db = open(&vfs).unwrap();
    define(&db, Target::Live, json!({ "dimension": 2, "metric": "cosine" })).unwrap();
    assert_eq!(db.snapshot().collections["docs"].schema.metric, Metric::Cosine);
    let mut model = Model::new();
    let mut left: Option<Left> = None;
    let note = |left: &mut Option<Left>, id: u8, row: Option<&Row>| {
        if let Some(left) = left {
            left.since.insert(id, row.cloned());
        }
    };
    for op in ops {
        match op {
            Op::Put(id, row) => {
                put(&db, Target::Live, vec![document(id, &row)]).unwrap();
                note(&mut left, id, Some(&row));
                model.insert(id, row);
            }
            Op::Delete(id) => {
                remove(&db, &format!("{id:02}")).unwrap();
                if model.remove(&id).is_some() {
                    note(&mut left, id, None);
                }
            }
            Op::DeleteWhere(number) => {
                let filter = Filter::parse(&json!({ "n": number })).unwrap();
                let deleted = write_to(&db, Target::Live, WriteOp::DeleteWhere(filter)).unwrap().deleted;
                let gone: Vec<u8> = model.iter().filter(|(_, row)| row.number == number).map(|(id, _)| *id).collect();
                assert_eq!(deleted, gone.len() as u64);
                for id in gone {
                    model.remove(&id);
                    note(&mut left, id, None);
                }
            }
            Op::Optimize => db.optimize("docs", &Watch::NONE).unwrap(),
            Op::Reopen => {
                db.close().unwrap();
                drop(db);
                db = open(&vfs).unwrap();
            }
            Op::Generation(built, live, from_live) => {
                let from = if from_live { BeginFrom::Live } else { BeginFrom::Empty };
                let next = db.begin(&BeginOptions { from, collections: None }).unwrap();
                let mut next_model = if from_live { model.clone() } else { Model::new() };
                for (id, row) in built {
                    put(&db, Target::Generation(next), vec![document(id, &row)]).unwrap();
                    next_model.insert(id, row);
                }
                for (id, row) in live {
                    put(&db, Target::Live, vec![document(id, &row)]).unwrap();
                    model.insert(id, row.clone());
                    next_model.insert(id, row);
                }
                db.seal(next, &Watch::NONE).unwrap();
                db.promote(next, Writes::Keep).unwrap();
                left = Some(Left { model: std::mem::replace(&mut model, next_model), since: BTreeMap::new() });
            }
            Op::Rollback(keep) => {
                let Some(mut before) = left.take() else { continue };
                db.rollback(None, if keep { Writes::Keep } else { Writes::Drop }).unwrap();
                if keep {
                    for (id, row) in before.since {
                        match row {
                            Some(row) => before.model.insert(id, row),
                            None => before.model.remove(&id),
                        };
                    }
                }
                model = before.model;
            }
        }
        check(&db, &model);
    }
    assert!(db.verify(&Watch::NONE).unwrap().problems.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases::cases(48), ..ProptestConfig::default() })]

    #[test]
    fn any_history(ops in proptest::collection::vec(op(), 1..40)) {
        run(ops);
    }
}
