//! Limits that are too large for the golden files, and agreements between rooms.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use gennaker_core::document::{Document, Key, Schema, Text};
use gennaker_core::error::ErrorKind;
use gennaker_core::text::analyze::{Analyzer, NO_LANGUAGE};
use gennaker_core::validate::{LANGUAGES, MAX_BATCH_DOCUMENTS, SchemaSpec, check_batch, check_document};
use serde_json::{Map, Value, json};

fn document(id: impl ToString) -> Document {
    let key = Key { namespace: "".into(), id: id.to_string().into() };
    Document { key, vector: None, text: None, metadata: None }
}

fn fields(names: impl Iterator<Item = usize>) -> Map<String, Value> {
    names.map(|name| (format!("f{name}"), json!(1))).collect()
}

#[test]
fn a_batch_has_at_most_100_000_documents() {
    let documents: Vec<Document> = (0..=MAX_BATCH_DOCUMENTS).map(document).collect();
    let schema = Schema::default();
    assert_eq!(check_batch("docs", &schema, &documents[1..]).unwrap(), schema);
    let error = check_batch("docs", &schema, &documents).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    assert_eq!(error.details(), [("limit", json!(100_000)), ("actual", json!(100_001))]);
}

#[test]
fn a_batch_has_at_most_256_mib() {
    let text = "x".repeat(16 << 20);
    let mut documents: Vec<Document> =
        (10..26).map(|id| Document { text: Some(Text::Plain(text.clone())), ..document(id) }).collect();
    let error = check_batch("docs", &Schema::default(), &documents).unwrap_err();
    assert_eq!(error.details(), [("limit", json!(256 << 20)), ("actual", json!((256 << 20) + 32))]);
    documents.pop();
    check_batch("docs", &Schema::default(), &documents).unwrap();
}

#[test]
fn a_collection_has_at_most_1_024_metadata_fields() {
    let declared: Map<String, Value> = fields(0..1_025).into_iter().map(|(name, _)| (name, json!("int"))).collect();
    let error = SchemaSpec::parse(&json!({ "metadata": declared })).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);

    let mut schema = Schema::default();
    let with =
        |id: &str, names| Document { metadata: Some(Value::Object(fields(names)).to_string().into()), ..document(id) };
    check_document("docs", &mut schema, &with("1", 0..1_024)).unwrap();
    check_document("docs", &mut schema, &with("2", 1_000..1_024)).unwrap();
    let before = schema.clone();
    let error = check_document("docs", &mut schema, &with("3", 1_024..1_025)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    assert_eq!(schema, before);
}

#[test]
fn names_of_fields_are_bounded() {
    let mut schema = Schema::default();
    for length in [1_024, 1_025] {
        let metadata = json!({ "x".repeat(length): 1 }).to_string();
        let text = Map::from_iter([("x".repeat(length), json!("word"))]);
        let kinds = [
            Document { metadata: Some(metadata.into()), ..document(1) },
            Document { text: Some(Text::Fields(text)), ..document(1) },
        ]
        .map(|document| check_document("docs", &mut schema, &document).map_err(|error| error.kind()));
        let expected = if length == 1_024 { Ok(()) } else { Err(ErrorKind::LimitExceeded) };
        assert_eq!(kinds, [expected, expected]);
    }
}

#[test]
fn text_fields_hold_strings() {
    let text = Map::from_iter([("title".to_owned(), json!("ok")), ("body".to_owned(), json!(null))]);
    let document = Document { text: Some(Text::Fields(text)), ..document(1) };
    let error = check_batch("docs", &Schema::default(), &[document]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSchema);
    assert_eq!(error.details(), [("position", json!(0)), ("id", json!("1")), ("field", json!("body"))]);
}

#[test]
fn the_same_id_lives_in_two_namespaces() {
    let other = Document { key: Key { namespace: "acme".into(), id: "1".into() }, ..document(1) };
    check_batch("docs", &Schema::default(), &[document(1), other]).unwrap();
}

#[test]
fn declared_languages_are_those_of_the_analyzer() {
    let mut known: Vec<&str> = Analyzer::languages().chain([NO_LANGUAGE]).collect();
    known.sort_unstable();
    assert_eq!(known, LANGUAGES);
}
