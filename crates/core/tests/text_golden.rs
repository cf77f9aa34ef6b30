//! Analysis and BM25F, from the files that the tests of other engines read too.

#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use gennaker_core::document::{Text, TextField};
use gennaker_core::text::analyze::Analyzer;
use gennaker_core::text::bm25::{Part, score};
use gennaker_core::text::memory::MemoryText;
use gennaker_core::text::query::TextQuery;
use serde::Deserialize;

fn golden<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let path = format!("{}/../../__test__/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[derive(Deserialize)]
struct AnalysisCase {
    language: String,
    text: String,
    tokens: Vec<GoldenToken>,
}

#[derive(Deserialize, PartialEq, Debug)]
struct GoldenToken {
    term: String,
    counted: bool,
    position: u32,
}

#[test]
fn analysis() {
    let cases: Vec<AnalysisCase> = golden("analysis.json");
    assert!(cases.len() >= 30);
    for case in cases {
        let mut tokens = Vec::new();
        Analyzer::for_language(&case.language).unwrap().tokens(&case.text, &mut |token| {
            let (term, counted, position) = (token.term.to_owned(), token.counted, token.position);
            tokens.push(GoldenToken { term, counted, position });
        });
        assert_eq!(tokens, case.tokens, "{} {:?}", case.language, case.text);
    }
}

#[derive(Deserialize)]
struct Scores {
    corpora: Vec<Corpus>,
}

#[derive(Deserialize)]
struct Corpus {
    fields: Vec<TextField>,
    documents: Vec<GoldenDocument>,
    queries: Vec<GoldenQuery>,
}

#[derive(Deserialize)]
struct GoldenDocument {
    id: String,
    text: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GoldenQuery {
    query: String,
    upper_bound: f64,
    hits: Vec<Hit>,
}

#[derive(Deserialize)]
struct Hit {
    id: String,
    score: f64,
}

#[test]
fn bm25() {
    let scores: Scores = golden("bm25.json");
    assert_eq!(scores.corpora.len(), 3);
    for Corpus { fields, documents, queries } in scores.corpora {
        let rows = documents.iter().map(|document| document.text.iter().flat_map(Text::fields).collect());
        let index = MemoryText::build(&fields, rows).unwrap();
        let parts = [Part { index: &index, rows: 0..index.rows(), dead: None }];
        for golden in queries {
            let query = TextQuery::parse(&golden.query).unwrap();
            let scored = score(&parts, &fields, &query, &|| false).unwrap();
            let [part] = &scored.parts[..] else { panic!("one part in, one part out") };
            let ids = part.rows.iter().map(|row| documents[*row as usize].id.as_str());
            let mut hits: Vec<(&str, f64)> = ids.zip(part.scores.iter().copied()).collect();
            hits.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
            let ids: Vec<&str> = hits.iter().map(|(id, _)| *id).collect();
            let expected: Vec<&str> = golden.hits.iter().map(|hit| hit.id.as_str()).collect();
            assert_eq!(ids, expected, "{}", golden.query);
            for (hit, expected) in hits.iter().zip(&golden.hits) {
                assert!((hit.1 - expected.score).abs() < 1e-9, "{} {}: {}", golden.query, hit.0, hit.1);
            }
            assert!((scored.upper_bound - golden.upper_bound).abs() < 1e-9, "{}", golden.query);
        }
    }
}
