//! The meaning of filters, from the file that the tests of other engines read too.

#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use gennaker_core::document::{FieldType, MetadataField, Schema};
use gennaker_core::error::Result;
use gennaker_core::filter::Filter;
use serde_json::{Map, Value, json};

fn golden() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../__test__/fixtures/filters.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn schema(golden: &Value) -> Schema {
    let mut schema = Schema::default();
    for (name, entry) in golden["schema"]["metadata"].as_object().unwrap() {
        let field_type: FieldType = serde_json::from_value(entry.get("type").unwrap_or(entry).clone()).unwrap();
        let filterable = entry.get("filterable").is_none_or(|flag| flag == true);
        schema.metadata.insert(name.clone(), MetadataField { field_type, filterable, inferred_from: None });
    }
    schema
}

/// A filter as written, or built as the file's `about` says.
fn filter(case: &Value) -> Value {
    let Some(build) = case.get("build") else { return case["filter"].clone() };
    let count = |name: &str| build[name].as_u64().map(|count| usize::try_from(count).unwrap());
    if let Some(levels) = count("levels") {
        let of = build["of"].as_str().unwrap();
        (1..levels).fold(json!({ "n": 1 }), |inner, _| {
            let inner = if of == "$not" { inner } else { Value::Array(vec![inner]) };
            Value::Object(Map::from_iter([(of.to_owned(), inner)]))
        })
    } else if let Some(count) = count("or") {
        json!({ "$or": vec![json!({ "n": 1 }); count] })
    } else if let Some(count) = count("in") {
        json!({ "n": { "$in": (0..count).collect::<Vec<_>>() } })
    } else {
        let levels = count("operand").unwrap();
        json!({ "n": (1..levels).fold(json!([]), |inner, _| json!([inner])) })
    }
}

fn parse(filter: &Value, schema: &Schema) -> Result<Filter> {
    let filter = Filter::parse(filter)?;
    filter.check(schema)?;
    Ok(filter)
}

#[test]
fn filters_match_the_listed_documents() {
    let golden = golden();
    let schema = schema(&golden);
    let cases = golden["cases"].as_array().unwrap();
    assert!(cases.len() >= 60);
    let mut wrong = Vec::new();
    for case in cases {
        let source = filter(case);
        let filter = parse(&source, &schema).unwrap_or_else(|error| panic!("{}: {error}", case["name"]));
        assert_eq!(filter.to_json(), &source);
        let ids: Vec<&Value> = golden["documents"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|document| filter.matches(&document["metadata"], &schema))
            .map(|document| &document["id"])
            .collect();
        if json!(ids) != case["ids"] {
            wrong.push(format!("{}: {}, not {}", case["name"], json!(ids), case["ids"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_no_filter_is_refused_by_code() {
    let golden = golden();
    let schema = schema(&golden);
    for case in golden["invalid"].as_array().unwrap() {
        let error = parse(&filter(case), &schema).expect_err(&case["name"].to_string());
        let code = error.kind().code().strip_prefix("GENNAKER_");
        assert_eq!(code, case["code"].as_str(), "{}: {error}", case["name"]);
        let details: Map<String, Value> =
            error.details().iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        for (name, value) in case.get("details").and_then(Value::as_object).into_iter().flatten() {
            assert_eq!(details.get(name), Some(value), "{}: {error:?}", case["name"]);
        }
    }
}
