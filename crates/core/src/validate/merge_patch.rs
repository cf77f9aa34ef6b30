//! JSON merge patch, RFC 7396: `null` removes, objects merge, everything else replaces.

use serde_json::{Map, Value};

use super::limits::{MAX_METADATA_DEPTH, exceeded};
use super::metadata::{describe, parse_metadata};
use crate::document::json;
use crate::error::{Error, ErrorKind, Result};

/// Applies `patch` to `target`, without recursion. Keys that stay keep their order, new ones follow.
#[must_use]
pub fn merge_patch(target: Value, patch: &Value) -> Value {
    let Value::Object(changes) = patch else { return patch.clone() };
    let mut root = object(target);
    let mut pending = vec![(&mut root, changes)];
    while let Some((target, changes)) = pending.pop() {
        target.retain(|key, _| !changes.get(key).is_some_and(Value::is_null));
        for (key, change) in changes.iter().filter(|(_, change)| !change.is_null()) {
            let entry = target.entry(key.as_str()).or_insert(Value::Null);
            *entry = if change.is_object() { Value::Object(object(entry.take())) } else { change.clone() };
        }
        pending.extend(target.iter_mut().filter_map(|(key, value)| match (value, changes.get(key)) {
            (Value::Object(value), Some(Value::Object(changes))) => Some((value, changes)),
            _ => None,
        }));
    }
    Value::Object(root)
}

/// What is not an object counts as an empty one.
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Applies the `metadata` part of an update to stored metadata; the result is JSON text, `None` when `patch` is `null`.
///
/// # Errors
/// `LimitExceeded` when the patch or the result exceeds what metadata may be; `InvalidSchema` when the patch is neither
/// an object nor `null`, or the target is no metadata.
pub fn merge_metadata(target: Option<&str>, patch: &Value) -> Result<Option<Box<str>>> {
    match patch {
        Value::Null => return Ok(None),
        Value::Object(_) => {}
        other => {
            let message = format!(
                "the metadata of an update must be an object that is merged, or null that removes it, not {}",
                describe(other)
            );
            return Err(Error::new(ErrorKind::InvalidSchema, message).with("actual", describe(other)));
        }
    }
    let levels = json::depth(patch, MAX_METADATA_DEPTH);
    if levels > MAX_METADATA_DEPTH {
        return Err(exceeded("levels of metadata", MAX_METADATA_DEPTH, levels, "store a flatter object"));
    }
    let target = target.map(parse_metadata).transpose()?.unwrap_or_default();
    let merged = merge_patch(Value::Object(target), patch).to_string();
    parse_metadata(&merged)?;
    Ok(Some(merged.into()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{merge_metadata, merge_patch};
    use crate::error::ErrorKind;

    #[test]
    fn examples_of_the_rfc() {
        let examples = [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (json!({"a":"b","b":"c"}), json!({"a":null}), json!({"b":"c"})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]})),
            (json!({"a":{"b":"c"}}), json!({"a":{"b":"d","c":null}}), json!({"a":{"b":"d"}})),
            (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a":"b"}), json!(["c"]), json!(["c"])),
            (json!({"a":"foo"}), json!(null), json!(null)),
            (json!({"a":"foo"}), json!("bar"), json!("bar")),
            (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
            (json!([1, 2]), json!({"a":"b","c":null}), json!({"a":"b"})),
            (json!({}), json!({"a":{"bb":{"ccc":null}}}), json!({"a":{"bb":{}}})),
        ];
        for (target, patch, result) in examples {
            assert_eq!(merge_patch(target.clone(), &patch), result, "{target} {patch}");
        }
    }

    #[test]
    fn order_of_keys_stays() {
        let merged = merge_patch(json!({"z":1,"y":2,"x":{"b":1,"a":2}}), &json!({"x":{"b":3},"y":null,"w":0}));
        assert_eq!(merged.to_string(), r#"{"z":1,"x":{"b":3,"a":2},"w":0}"#);
    }

    #[test]
    fn metadata_stays_metadata() {
        let merge = |target: Option<&str>, patch: Value| merge_metadata(target, &patch);
        assert_eq!(merge(None, json!({"a":{"b":null}})).unwrap().as_deref(), Some(r#"{"a":{}}"#));
        assert_eq!(merge(Some(r#"{"a":1}"#), json!(null)).unwrap(), None);
        assert_eq!(merge(Some(r#"{"a":1}"#), json!(5)).unwrap_err().kind(), ErrorKind::InvalidSchema);
        let deep = (0..32).fold(json!({"a":1}), |inner, _| json!({"a":inner}));
        assert_eq!(merge(None, deep).unwrap_err().kind(), ErrorKind::LimitExceeded);
        let half = format!(r#"{{"a":"{}"}}"#, "x".repeat(600_000));
        let other = json!({"b":"x".repeat(600_000)});
        assert_eq!(merge(Some(&half), other).unwrap_err().kind(), ErrorKind::LimitExceeded);
    }
}
