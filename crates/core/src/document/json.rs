//! JSON values as metadata holds them: finding a field, measuring depth, and one byte form per value. Nothing here
//! recurses, so no input can exhaust the stack.

use serde_json::{Map, Value};

/// The value that a field's name means in `metadata`; `None` when it is absent (`null` is present).
///
/// A top-level key equal to the whole name wins. Otherwise a dotted name walks, part by part, into objects; arrays are
/// not walked into, and keys with dots below the top level are not found.
#[must_use]
pub fn lookup<'a>(metadata: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = metadata.get(name) {
        return Some(value);
    }
    let (first, rest) = name.split_once('.')?;
    let mut value = metadata.get(first)?;
    for part in rest.split('.') {
        value = value.as_object()?.get(part)?;
    }
    Some(value)
}

/// Levels of nested arrays and objects in `value`: 0 for a scalar, 1 for `{}`. Stops counting above `limit`.
#[must_use]
pub fn depth(value: &Value, limit: usize) -> usize {
    let mut deepest = 0;
    let mut pending = vec![(value, 0)];
    while let Some((value, above)) = pending.pop() {
        let level = above + 1;
        match value {
            Value::Array(items) => pending.extend(items.iter().map(|item| (item, level))),
            Value::Object(map) => pending.extend(map.values().map(|item| (item, level))),
            _ => continue,
        }
        deepest = deepest.max(level);
        if deepest > limit {
            break;
        }
    }
    deepest
}

/// The bits under which equal numbers are found: numbers compare as `f64`, and -0 equals 0.
#[must_use]
pub fn number_bits(number: f64) -> u64 {
    (number + 0.0).to_bits()
}

/// Bytes that are equal exactly when two values are: key order and the spelling of numbers do not count.
///
/// Every value begins with a tag, strings and containers with their length, so no value's bytes begin another's.
#[must_use]
pub fn canonical(value: &Value) -> Box<[u8]> {
    enum Step<'a> {
        Value(&'a Value),
        Key(&'a String),
    }
    fn sized(out: &mut Vec<u8>, tag: u8, length: usize) {
        out.push(tag);
        out.extend_from_slice(&(length as u64).to_le_bytes());
    }
    let mut out = Vec::new();
    let mut pending = vec![Step::Value(value)];
    while let Some(step) = pending.pop() {
        match step {
            Step::Key(text) | Step::Value(Value::String(text)) => {
                sized(&mut out, b's', text.len());
                out.extend_from_slice(text.as_bytes());
            }
            Step::Value(Value::Null) => out.push(b'n'),
            Step::Value(Value::Bool(flag)) => out.push(if *flag { b't' } else { b'f' }),
            Step::Value(Value::Number(number)) => {
                out.push(b'd');
                out.extend_from_slice(&number_bits(number.as_f64().unwrap_or(f64::NAN)).to_le_bytes());
            }
            Step::Value(Value::Array(items)) => {
                sized(&mut out, b'a', items.len());
                pending.extend(items.iter().rev().map(Step::Value));
            }
            Step::Value(Value::Object(map)) => {
                sized(&mut out, b'o', map.len());
                let mut entries: Vec<_> = map.iter().collect();
                entries.sort_unstable_by_key(|(key, _)| std::cmp::Reverse(*key));
                pending.extend(entries.into_iter().flat_map(|(key, value)| [Step::Value(value), Step::Key(key)]));
            }
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{canonical, depth, lookup};

    #[test]
    fn whole_names_win_over_walking() {
        let value = json!({ "a": { "b": 1, "c.d": 2, "": 3 }, "a.b": null, "list": [{ "x": 1 }] });
        let map = value.as_object().unwrap();
        assert_eq!(lookup(map, "a.b"), Some(&Value::Null));
        assert_eq!(lookup(map, "a."), Some(&json!(3)));
        for absent in ["a.c.d", "a.x", "list.0", "list.x", "a.b.c", "x", "", "."] {
            assert_eq!(lookup(map, absent), None, "{absent:?}");
        }
    }

    #[test]
    fn depth_counts_containers() {
        assert_eq!(depth(&json!(1), 32), 0);
        assert_eq!(depth(&json!({}), 32), 1);
        assert_eq!(depth(&json!({ "a": [1, { "b": [] }], "c": 1 }), 32), 4);
        assert_eq!(depth(&json!([[[[[]]]]]), 2), 3);
    }

    #[test]
    fn equal_values_have_equal_bytes_and_no_others() {
        let same = [(json!({ "a": 1, "b": [2] }), json!({ "b": [2.0], "a": 1.0 })), (json!(0), json!(-0.0))];
        for (left, right) in same {
            assert_eq!(canonical(&left), canonical(&right));
        }
        let different = [
            json!(null),
            json!(false),
            json!(0),
            json!(""),
            json!("0"),
            json!([]),
            json!({}),
            json!([[]]),
            json!([0, 0]),
            json!(["a", "b"]),
            json!({ "a": "b" }),
            json!({ "b": "a" }),
            json!([["a"], "b"]),
            json!(["ab"]),
        ];
        for (i, left) in different.iter().enumerate() {
            for (j, right) in different.iter().enumerate() {
                assert_eq!(canonical(left) == canonical(right), i == j, "{left} {right}");
            }
        }
    }
}
