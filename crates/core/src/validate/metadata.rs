//! Metadata: its text, and which values the types take.

use serde_json::{Map, Value};

use super::limits::{MAX_INT, MAX_METADATA_BYTES, MAX_METADATA_DEPTH, exceeded};
use crate::document::{FieldType, Instant};
use crate::error::{Error, ErrorKind, Result};

/// Reads metadata: the text of a JSON object, at most 1 MiB and 32 levels. Every key is plain data, `__proto__` too.
///
/// The levels are counted before anything is parsed, so hostile text cannot reach the parser's recursion.
///
/// # Errors
/// `LimitExceeded` (details `limit`, `actual`); `InvalidSchema` when it is not JSON or not an object.
pub fn parse_metadata(text: &str) -> Result<Map<String, Value>> {
    if text.len() > MAX_METADATA_BYTES {
        let way_out = "keep long text in the document's text";
        return Err(exceeded("bytes of metadata", MAX_METADATA_BYTES, text.len(), way_out));
    }
    let levels = levels(text.as_bytes());
    if levels > MAX_METADATA_DEPTH {
        return Err(exceeded("levels of metadata", MAX_METADATA_DEPTH, levels, "store a flatter object"));
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(other) => {
            let message = format!("metadata must be a JSON object, not {}", describe(&other));
            Err(Error::new(ErrorKind::InvalidSchema, message).with("actual", describe(&other)))
        }
        Err(error) => {
            let message = format!("metadata is not JSON: {error}. Numbers must be finite, strings well-formed.");
            Err(Error::new(ErrorKind::InvalidSchema, message).because(error))
        }
    }
}

/// Levels of brackets outside strings.
fn levels(text: &[u8]) -> usize {
    let (mut level, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                level += 1;
                deepest = deepest.max(level);
            }
            b'}' | b']' => level = level.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Whether a field of this type takes `value`. Every type takes `null`.
pub(super) fn conforms(value: &Value, field_type: FieldType) -> bool {
    match (field_type, value) {
        (FieldType::Json, _) | (_, Value::Null) => true,
        (FieldType::String, value) => value.is_string(),
        (FieldType::Strings, Value::Array(items)) => items.iter().all(Value::is_string),
        (FieldType::Float, value) => value.is_number(),
        (FieldType::Int, Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.unsigned_abs() <= MAX_INT,
            (None, Some(number)) => !number.is_nan() && number % 1.0 == 0.0 && number.abs() <= MAX_INT as f64,
            (None, None) => false,
        },
        (FieldType::Bool, value) => value.is_boolean(),
        (FieldType::Date, Value::String(text)) => Instant::parse(text).is_some(),
        (FieldType::Geo, Value::Object(point)) => {
            let within =
                |name: &str, limit: f64| point.get(name).and_then(Value::as_f64).is_some_and(|v| v.abs() <= limit);
            point.len() == 2 && within("lat", 90.0) && within("lon", 180.0)
        }
        (FieldType::Strings | FieldType::Int | FieldType::Date | FieldType::Geo, _) => false,
    }
}

/// What a field of this type takes, for messages.
pub(super) fn wanted(field_type: FieldType) -> &'static str {
    match field_type {
        FieldType::String => "strings",
        FieldType::Strings => "arrays of strings",
        FieldType::Int => "whole numbers within ±2^53",
        FieldType::Float => "numbers",
        FieldType::Bool => "true or false",
        FieldType::Date => "ISO 8601 strings such as \"2026-11-20T19:00:00Z\"",
        FieldType::Geo => "{ lat, lon } with lat within ±90 and lon within ±180",
        FieldType::Json => "any JSON value",
    }
}

/// What a value is, for messages: a short spelling of numbers, never text of the user's.
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(_) => "a boolean".into(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(_) => "a string".into(),
        Value::Array(items) if items.is_empty() => "an empty array".into(),
        Value::Array(items) if items.iter().all(Value::is_string) => "an array of strings".into(),
        Value::Array(_) => "an array".into(),
        Value::Object(_) => "an object".into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{conforms, parse_metadata};
    use crate::document::FieldType;
    use crate::error::ErrorKind;

    fn kind(text: &str) -> ErrorKind {
        parse_metadata(text).unwrap_err().kind()
    }

    fn nested(levels: usize) -> String {
        format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1))
    }

    #[test]
    fn depth_and_size_are_bounded_before_parsing() {
        parse_metadata(&nested(32)).unwrap();
        assert_eq!(kind(&nested(33)), ErrorKind::LimitExceeded);
        assert_eq!(kind(&"[".repeat(500_000)), ErrorKind::LimitExceeded);
        for brackets_in_text in [r#"[["#, r#"\"[["#, r#"\\\"[["#, r#"\\"#] {
            let text = brackets_in_text.replace("[[", &"[{".repeat(100));
            parse_metadata(&format!("{{\"a\":\"{text}\"}}")).unwrap();
        }
        parse_metadata(&format!("{{\"a\":\"{}\"}}", "x".repeat((1 << 20) - 8))).unwrap();
        assert_eq!(kind(&format!("{{\"a\":\"{}\"}}", "x".repeat((1 << 20) - 7))), ErrorKind::LimitExceeded);
    }

    #[test]
    fn only_objects_of_finite_numbers() {
        for text in ["", "null", "[]", "1", "\"{}\"", "{", "{}}", "{\"a\":1e400}", "{\"a\":NaN}", "{\"a\":\"\\ud800\"}"]
        {
            assert_eq!(kind(text), ErrorKind::InvalidSchema, "{text}");
        }
    }

    #[test]
    fn prototype_keys_are_data() {
        let map = parse_metadata(r#"{"__proto__":{"x":1},"constructor":[2]}"#).unwrap();
        assert_eq!(Value::Object(map), json!({ "__proto__": { "x": 1 }, "constructor": [2] }));
    }

    #[test]
    fn types_take_their_values_and_null() {
        use FieldType::{Bool, Date, Float, Geo, Int, Json, String, Strings};
        let table = [
            (String, json!(""), json!(1)),
            (Strings, json!([]), json!("a")),
            (Strings, json!(["a"]), json!(["a", 1])),
            (Int, json!(1), json!(1.5)),
            (Int, json!(-3.0), json!("1")),
            (Int, json!(9_007_199_254_740_992_u64), json!(9_007_199_254_740_993_u64)),
            (Int, json!(-9_007_199_254_740_992_i64), json!(-9_007_199_254_740_993_i64)),
            (Int, json!(9_007_199_254_740_992.0), json!(1e300)),
            (Int, json!(0), json!(u64::MAX)),
            (Float, json!(1), json!(true)),
            (Bool, json!(false), json!(0)),
            (Date, json!("2024-02-29"), json!("2023-02-29")),
            (Date, json!("2024-02-29T10:00Z"), json!(1_709_200_000)),
            (Geo, json!({ "lat": -90, "lon": 180.0 }), json!({ "lat": 91, "lon": 0 })),
            (Geo, json!({ "lon": 0, "lat": 0 }), json!({ "lat": 0 })),
            (Geo, json!({ "lon": -180, "lat": 90 }), json!({ "lat": 0, "lon": 0, "alt": 0 })),
            (Geo, json!({ "lon": 1, "lat": 2 }), json!([1, 2])),
        ];
        for (field_type, good, bad) in table {
            assert!(conforms(&good, field_type), "{field_type:?} {good}");
            assert!(!conforms(&bad, field_type), "{field_type:?} {bad}");
            assert!(conforms(&Value::Null, field_type));
            assert!(conforms(&bad, Json));
        }
    }
}
