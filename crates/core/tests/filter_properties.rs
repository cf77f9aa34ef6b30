//! Random filters over random documents against a naive recursive evaluator that reads the JSON form.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

#[path = "support/cases.rs"]
mod cases;

use std::cmp::Ordering;

use gennaker_core::document::{FieldType, MetadataField, Schema};
use gennaker_core::filter::Filter;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::FileFailurePersistence;
use serde_json::{Map, Value, json};

/// Texts that a date field may meet, with the minute they mean; `None` is no date.
const DATES: [(&str, Option<i64>); 6] = [
    ("2024-01-01", Some(0)),
    ("2024-01-01T01:00+01:00", Some(0)),
    ("2023-12-31T23:59:00Z", Some(-1)),
    ("2024-01-01T00:01", Some(1)),
    ("2024-02-30", None),
    ("soon", None),
];
const KEYS: [&str; 6] = ["a", "b", "a.b", "day", "", "__proto__"];
const FIELDS: [&str; 9] = ["a", "b", "a.b", "a.a.b", "day", "", "__proto__", "b.0", "a."];

fn schema() -> Schema {
    let day = MetadataField { field_type: FieldType::Date, filterable: true, inferred_from: None };
    Schema { metadata: [("day".to_owned(), day)].into(), ..Schema::default() }
}

fn scalar() -> impl Strategy<Value = Value> {
    let plain =
        [json!(null), json!(true), json!(false), json!("x"), json!("xy"), json!("\u{ff5e}"), json!("😀"), json!("")];
    let numbers = [json!(0), json!(-0.0), json!(1), json!(1.0), json!(-2.5), json!(u64::MAX), json!(1e300), json!("1")];
    prop_oneof![
        select(plain.to_vec()).boxed(),
        select(numbers.to_vec()),
        select(&DATES[..]).prop_map(|(text, _)| json!(text))
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![vec(inner.clone(), 0..3).prop_map(Value::Array), object(inner).prop_map(Value::Object)]
    })
}

fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    vec((select(&KEYS[..]), value), 0..4)
        .prop_map(|entries| entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn metadata() -> impl Strategy<Value = Value> {
    prop_oneof![1 => Just(Value::Null), 12 => object(value()).prop_map(Value::Object)]
}

fn operator() -> impl Strategy<Value = (String, Value)> {
    prop_oneof![
        (select(&["$eq", "$ne", "$contains"][..]), value()).boxed(),
        (select(&["$gt", "$gte", "$lt", "$lte"][..]), scalar()).boxed(),
        (select(&["$in", "$nin"][..]), vec(value(), 0..4).prop_map(Value::Array)).boxed(),
        (Just("$exists"), any::<bool>().prop_map(Value::Bool)).boxed(),
        (Just("$startsWith"), select(&["", "x", "2024-01-01T", "😀"][..]).prop_map(Value::from)).boxed(),
    ]
    .prop_map(|(name, operand)| (name.to_owned(), operand))
}

fn filter() -> impl Strategy<Value = Value> {
    let condition =
        prop_oneof![value(), vec(operator(), 1..3).prop_map(|all| Value::Object(all.into_iter().collect()))];
    let leaf = vec((select(&FIELDS[..]), condition), 0..3)
        .prop_map(|all| Value::Object(all.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()));
    leaf.prop_recursive(4, 16, 3, |inner| {
        let joined = (select(&["$and", "$or"][..]), vec(inner.clone(), 1..4));
        prop_oneof![
            joined.prop_map(|(join, all)| json!({ join: all })),
            inner.clone().prop_map(|one| json!({ "$not": one })),
            (inner.clone(), inner.clone(), select(&FIELDS[..]), value())
                .prop_map(|(one, other, field, value)| json!({ "$not": one, field: value, "$or": [other] })),
        ]
    })
}

/// The reference: the documented meaning, as directly as it can be said.
mod naive {
    use super::{DATES, Map, Ordering, Value};

    pub(super) fn matches(filter: &Value, metadata: &Value) -> bool {
        filter.as_object().unwrap().iter().all(|(key, value)| match key.as_str() {
            "$and" => value.as_array().unwrap().iter().all(|one| matches(one, metadata)),
            "$or" => value.as_array().unwrap().iter().any(|one| matches(one, metadata)),
            "$not" => !matches(value, metadata),
            field => {
                let found = metadata.as_object().and_then(|map| find(map, field));
                match value.as_object().filter(|map| map.keys().any(|key| key.starts_with('$'))) {
                    Some(all) => all.iter().all(|(name, operand)| operator(name, operand, found, field == "day")),
                    None => operator("$eq", value, found, field == "day"),
                }
            }
        })
    }

    fn find<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
        fn walk<'a>(map: &'a Map<String, Value>, parts: &[&str]) -> Option<&'a Value> {
            match parts {
                [] => None,
                [last] => map.get(*last),
                [first, rest @ ..] => walk(map.get(*first)?.as_object()?, rest),
            }
        }
        map.get(name).or_else(|| walk(map, &name.split('.').collect::<Vec<_>>()))
    }

    fn operator(name: &str, operand: &Value, found: Option<&Value>, is_date: bool) -> bool {
        let listed = |value: &Value| operand.as_array().unwrap().iter().any(|one| equal(value, one, is_date));
        let order = found.and_then(|value| order(value, operand, is_date));
        match name {
            "$eq" => found.is_some_and(|value| equal(value, operand, is_date)),
            "$ne" => !found.is_some_and(|value| equal(value, operand, is_date)),
            "$gt" => order == Some(Ordering::Greater),
            "$gte" => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
            "$lt" => order == Some(Ordering::Less),
            "$lte" => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            "$in" => found.is_some_and(listed),
            "$nin" => !found.is_some_and(listed),
            "$exists" => found.is_some() == operand.as_bool().unwrap(),
            "$contains" => match found {
                Some(Value::Array(items)) => items.iter().any(|item| equal(item, operand, is_date)),
                _ => false,
            },
            "$startsWith" => match (found, operand) {
                (Some(Value::String(text)), Value::String(prefix)) => text.as_bytes().starts_with(prefix.as_bytes()),
                _ => false,
            },
            other => panic!("unknown {other}"),
        }
    }

    fn equal(left: &Value, right: &Value, is_date: bool) -> bool {
        match (left, right) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(left), Value::Bool(right)) => left == right,
            (Value::Array(left), Value::Array(right)) => {
                left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right, false))
            }
            (Value::Object(left), Value::Object(right)) => {
                left.len() == right.len()
                    && left.iter().all(|(key, left)| right.get(key).is_some_and(|right| equal(left, right, false)))
            }
            _ => order(left, right, is_date) == Some(Ordering::Equal),
        }
    }

    fn order(left: &Value, right: &Value, is_date: bool) -> Option<Ordering> {
        match (left, right) {
            (Value::Number(left), Value::Number(right)) => left.as_f64()?.partial_cmp(&right.as_f64()?),
            (Value::String(left), Value::String(right)) if is_date => Some(minute(left)?.cmp(&minute(right)?)),
            (Value::String(left), Value::String(right)) => Some(left.as_bytes().cmp(right.as_bytes())),
            _ => None,
        }
    }

    fn minute(text: &str) -> Option<i64> {
        DATES.iter().find(|(known, _)| *known == text).and_then(|(_, minute)| *minute)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases::cases(4_096), failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))), ..ProptestConfig::default() })]

    #[test]
    fn random_filters_mean_what_the_reference_says(source in filter(), documents in vec(metadata(), 1..6)) {
        let filter = Filter::parse(&source).unwrap();
        prop_assert_eq!(filter.to_json(), &source);
        let again = Filter::parse(filter.to_json()).unwrap();
        let schema = schema();
        for metadata in &documents {
            let expected = naive::matches(&source, metadata);
            prop_assert_eq!(filter.matches(metadata, &schema), expected, "{} on {}", &source, metadata);
            prop_assert_eq!(again.matches(metadata, &schema), expected);
        }
    }

    #[test]
    fn no_value_makes_the_parser_panic(anything in value()) {
        let _ = Filter::parse(&anything).map(|filter| filter.matches(&anything, &schema()));
        let _ = Filter::parse(&json!({ "a": anything, "$or": anything, "$not": anything }));
        for operator in ["$eq", "$in", "$exists", "$gt", "$startsWith", "$contains", "$near", "$x"] {
            let _ = Filter::parse(&json!({ "a": { operator: anything } }));
        }
    }
}
