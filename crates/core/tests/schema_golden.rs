//! Schemas declared, inferred and contradicted, from the file that the tests of other engines read too.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use gennaker_core::document::{Document, Key, Schema};
use gennaker_core::error::Result;
use gennaker_core::validate::{SchemaSpec, check_batch, reconcile};
use serde_json::{Map, Value, json};

/// Replaces `{ "$repeat": [x, n] }`.
fn expand(value: &Value) -> Value {
    match value {
        Value::Object(map) => match map.get("$repeat") {
            Some(repeat) => {
                let count = usize::try_from(repeat[1].as_u64().unwrap()).unwrap();
                match &repeat[0] {
                    Value::String(text) => json!(text.repeat(count)),
                    number => json!(vec![number; count]),
                }
            }
            None => Value::Object(map.iter().map(|(key, value)| (key.clone(), expand(value))).collect()),
        },
        Value::Array(items) => items.iter().map(expand).collect(),
        other => other.clone(),
    }
}

fn document(value: &Value) -> Document {
    let value = expand(value);
    let vector = value.get("vector").map(|vector| {
        let components = vector.as_array().unwrap().iter();
        components.map(|component| component.as_f64().unwrap() as f32).collect()
    });
    Document {
        key: Key { namespace: "".into(), id: value["id"].as_str().unwrap().into() },
        vector,
        text: value.get("text").map(|text| serde_json::from_value(text.clone()).unwrap()),
        metadata: value.get("metadata").map(|metadata| metadata.to_string().into()),
    }
}

fn step(schema: &Schema, step: &Value) -> Result<Schema> {
    match step.get("open") {
        Some(spec) => reconcile("docs", schema, &SchemaSpec::parse(spec)?),
        None => {
            let documents: Vec<Document> = step["upsert"].as_array().unwrap().iter().map(document).collect();
            check_batch("docs", schema, &documents)
        }
    }
}

/// As TypeScript shows it.
fn info(schema: &Schema) -> Value {
    let mut info =
        json!({ "metric": schema.metric, "text": schema.text, "namespacesRequired": schema.namespaces_required });
    if let Some(dimension) = schema.dimension {
        info["dimension"] = json!(dimension);
    }
    if let Some(embedding) = &schema.embedding {
        info["embedding"] = json!(embedding);
    }
    let metadata = schema.metadata.iter().map(|(name, field)| {
        let mut entry = json!({ "type": field.field_type, "filterable": field.filterable });
        if let Some(id) = &field.inferred_from {
            entry["inferredFrom"] = json!(id);
        }
        (name.clone(), entry)
    });
    info["metadata"] = metadata.collect();
    info
}

/// Equal but for the spelling of numbers: 4 and 4.0.
fn same(left: &Value, right: &Value) -> bool {
    gennaker_core::document::json::canonical(left) == gennaker_core::document::json::canonical(right)
}

#[test]
fn schemas_follow_their_steps() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../__test__/fixtures/schema.json");
    let golden: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    for case in golden["cases"].as_array().unwrap() {
        let name = &case["name"];
        let (last, before) = case["steps"].as_array().unwrap().split_last().unwrap();
        let before = before.iter().fold(Schema::default(), |schema, done| {
            step(&schema, done).unwrap_or_else(|error| panic!("{name}: {error}"))
        });
        let after = match (step(&before, last), case.get("error")) {
            (Ok(schema), None) => schema,
            (Ok(schema), Some(_)) => panic!("{name} passed: {schema:?}"),
            (Err(error), None) => panic!("{name}: {error}"),
            (Err(error), Some(expected)) => {
                let code = error.kind().code().strip_prefix("GENNAKER_");
                assert_eq!(code, expected["code"].as_str(), "{name}: {error}");
                let details: Map<String, Value> =
                    error.details().iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
                assert_eq!(details.len(), error.details().len(), "{name}: a detail twice in {error:?}");
                for (key, value) in expected.get("details").and_then(Value::as_object).into_iter().flatten() {
                    assert_eq!(details.get(key), Some(value), "{name}: {error:?}");
                }
                before
            }
        };
        if let Some(schema) = case.get("schema") {
            assert!(same(&info(&after), schema), "{name}: {}", info(&after));
        }
        let stored = serde_json::to_string(&after).unwrap();
        assert_eq!(serde_json::from_str::<Schema>(&stored).unwrap(), after, "{name}");
        assert_eq!(reconcile("docs", &after, &SchemaSpec::default()).unwrap(), after, "{name}");
    }
}
