//! Thousands of rows, in segments and in memory, filtered and not: the hits are those of a naive loop.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use std::sync::Arc;

use gennaker_core::database::Target;
use gennaker_core::search::query::SearchQuery;
use gennaker_core::segment::writer::Watch;
use gennaker_core::storage::memory::Memory;
use gennaker_core::storage::vfs::Vfs;
use serde_json::json;
use support::*;

const DIMENSION: usize = 24;
const ROWS: usize = 3000;

/// Values in -1..1, the same in every run (splitmix64).
fn values(seed: u64) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    (0..DIMENSION).map(|_| next()).collect()
}

#[test]
fn hits_are_those_of_a_naive_loop() {
    for metric in ["cosine", "dot", "l2", "l1"] {
        let vfs: Arc<dyn Vfs> = Arc::new(Memory::new());
        let db = open(&vfs).unwrap();
        define(&db, Target::Live, json!({ "dimension": DIMENSION, "metric": metric })).unwrap();
        let rows: Vec<Vec<f32>> = (0..ROWS).map(|row| values(row as u64)).collect();
        for half in [0..ROWS / 2, ROWS / 2..ROWS] {
            let batch =
                half.map(|row| doc(&format!("{row:05}"), "", Some(&rows[row]), json!({ "group": row % 50 }))).collect();
            put(&db, Target::Live, batch).unwrap();
            if db.stats(Target::Live).unwrap().collections[0].segments == 0 {
                db.optimize("docs", &Watch::NONE).unwrap();
            }
        }
        assert!(db.stats(Target::Live).unwrap().collections[0].memtable_rows > 0, "a segment and a memtable");
        for (seed, group) in [(90_001, None), (90_002, Some(7)), (90_003, None), (90_004, Some(49))] {
            let query = values(seed);
            let mut expected: Vec<(f64, String)> = rows
                .iter()
                .enumerate()
                .filter(|(row, _)| group.is_none_or(|group| row % 50 == group))
                .map(|(row, vector)| (naive(metric, vector, &query), format!("{row:05}")))
                .collect();
            expected.sort_by(|a, b| b.0.total_cmp(&a.0));
            for k in [1, 10, 100] {
                let mut search = SearchQuery { vector: Some(query.clone()), k, ..SearchQuery::default() };
                if let Some(group) = group {
                    search = filtered(search, &json!({ "group": group }));
                }
                let found = ask(&db, &search).unwrap();
                let wanted: Vec<&str> = expected.iter().take(k as usize).map(|(_, id)| id.as_str()).collect();
                assert_eq!(ids(&found), wanted, "{metric}, k {k}, group {group:?}");
                for (hit, (score, _)) in found.hits.iter().zip(&expected) {
                    assert!((hit.score - score).abs() < 1e-4, "{metric}: {} is not {score}", hit.score);
                }
            }
        }
    }
}

fn naive(metric: &str, a: &[f32], b: &[f32]) -> f64 {
    let pairs = || a.iter().zip(b).map(|(a, b)| (f64::from(*a), f64::from(*b)));
    let dot: f64 = pairs().map(|(a, b)| a * b).sum();
    match metric {
        "cosine" => dot / (pairs().map(|(a, _)| a * a).sum::<f64>() * pairs().map(|(_, b)| b * b).sum::<f64>()).sqrt(),
        "dot" => dot,
        "l2" => -pairs().map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt(),
        _ => -pairs().map(|(a, b)| (a - b).abs()).sum::<f64>(),
    }
}
