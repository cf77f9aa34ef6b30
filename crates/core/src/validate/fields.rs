//! The declared fields of a schema: text and metadata.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::limits::{MAX_METADATA_FIELDS, MAX_NAME_BYTES, MAX_TEXT_FIELDS, exceeded};
use super::metadata::describe;
use crate::document::{DEFAULT_TEXT_FIELD, FieldType};
use crate::error::{Error, ErrorKind, Result, quoted};

/// Languages that a text field may name; `none` neither stems nor drops words.
pub const LANGUAGES: [&str; 19] = [
    "arabic",
    "danish",
    "dutch",
    "english",
    "finnish",
    "french",
    "german",
    "greek",
    "hungarian",
    "italian",
    "none",
    "norwegian",
    "portuguese",
    "romanian",
    "russian",
    "spanish",
    "swedish",
    "tamil",
    "turkish",
];
/// A declared text field; `None` leaves the stored or default value.
#[derive(Debug, Clone, PartialEq)]
pub struct TextSpec {
    /// Its name in the document's `text` object.
    pub name: String,
    /// Finite and above 0.
    pub weight: Option<f64>,
    /// One of [`LANGUAGES`].
    pub language: Option<String>,
}

/// A declared metadata field; `None` leaves the stored or default value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeSpec {
    /// Its name, which may have dots.
    pub name: String,
    /// Its type.
    pub field_type: FieldType,
    /// Whether filters may name it.
    pub filterable: Option<bool>,
}

/// `"string"`, a list of names, or `{ name: { weight?, language? } }`.
pub(super) fn text(value: &Value) -> Result<Vec<TextSpec>> {
    let field = |name: &str| TextSpec { name: name.to_owned(), weight: None, language: None };
    let mut fields = Vec::new();
    match value {
        Value::String(word) if word == "string" => fields.push(field(DEFAULT_TEXT_FIELD)),
        Value::Array(names) => {
            for name in names {
                let name = name.as_str().ok_or_else(|| {
                    invalid("text", format!("text fields in a list are names, not {}", describe(name)))
                })?;
                fields.push(field(name));
            }
        }
        Value::Object(map) => {
            for (name, options) in map {
                let options = options.as_object().ok_or_else(|| {
                    let message = format!(
                        "text field {} takes {{ weight?, language? }}, not {}",
                        quoted(name),
                        describe(options)
                    );
                    invalid("text", message)
                })?;
                fields.push(text_options(field(name), options)?);
            }
        }
        _ => {
            let message = format!(
                "text must be \"string\", a list of field names, or {{ field: {{ weight, language }} }}, not {}",
                shown(value)
            );
            return Err(invalid("text", message));
        }
    }
    if fields.len() > MAX_TEXT_FIELDS {
        return Err(exceeded("text fields", MAX_TEXT_FIELDS, fields.len(), "join some of them"));
    }
    let mut names = HashSet::new();
    for TextSpec { name, .. } in &fields {
        check_field_name("text", name)?;
        if !names.insert(name) {
            return Err(invalid("text", format!("text field {} is declared twice", quoted(name))));
        }
    }
    Ok(fields)
}

fn text_options(mut field: TextSpec, options: &Map<String, Value>) -> Result<TextSpec> {
    for (key, value) in options {
        match (key.as_str(), value) {
            ("weight", Value::Number(number)) if number.as_f64().is_some_and(|weight| weight > 0.0) => {
                field.weight = number.as_f64();
            }
            ("weight", other) => {
                let message = format!(
                    "weight of text field {} must be a number above 0, not {}",
                    quoted(&field.name),
                    describe(other)
                );
                return Err(invalid("text", message));
            }
            ("language", Value::String(name)) if LANGUAGES.contains(&name.as_str()) => {
                field.language = Some(name.clone());
            }
            ("language", other) => {
                let message = format!(
                    "language of text field {} must be one of {}, not {}",
                    quoted(&field.name),
                    LANGUAGES.join(", "),
                    shown(other)
                );
                return Err(invalid("text", message));
            }
            _ => {
                let message = format!(
                    "text field {} has the unknown key {}; known are weight, language",
                    quoted(&field.name),
                    quoted(key)
                );
                return Err(invalid("text", message));
            }
        }
    }
    Ok(field)
}

/// `{ name: type }` or `{ name: { type, filterable? } }`.
pub(super) fn metadata(value: &Value) -> Result<Vec<TypeSpec>> {
    let map = value
        .as_object()
        .ok_or_else(|| invalid("metadata", format!("metadata must be {{ field: type }}, not {}", describe(value))))?;
    if map.len() > MAX_METADATA_FIELDS {
        return Err(exceeded("metadata fields", MAX_METADATA_FIELDS, map.len(), "put some into one json field"));
    }
    map.iter().map(|(name, value)| type_spec(name, value)).collect()
}

fn type_spec(name: &str, value: &Value) -> Result<TypeSpec> {
    check_field_name("metadata", name)?;
    let (mut type_name, mut filterable) = (None, None);
    match value {
        Value::Object(options) => {
            for (key, value) in options {
                match (key.as_str(), value) {
                    ("type", value) => type_name = Some(value),
                    ("filterable", Value::Bool(flag)) => filterable = Some(*flag),
                    ("filterable", other) => {
                        let message = format!(
                            "filterable of metadata field {} must be true or false, not {}",
                            quoted(name),
                            describe(other)
                        );
                        return Err(invalid("metadata", message));
                    }
                    _ => {
                        let message = format!(
                            "metadata field {} has the unknown key {}; known are type, filterable",
                            quoted(name),
                            quoted(key)
                        );
                        return Err(invalid("metadata", message));
                    }
                }
            }
        }
        value => type_name = Some(value),
    }
    let wanted = type_name.and_then(Value::as_str).unwrap_or_default();
    let known = FieldType::NAMES.into_iter().find(|(known, _)| *known == wanted);
    let (_, field_type) = known.ok_or_else(|| {
        let names: Vec<_> = FieldType::NAMES.iter().map(|(name, _)| *name).collect();
        let actual = type_name.map_or_else(|| "nothing".into(), shown);
        let message = format!("metadata field {} must have a type of {}, not {actual}", quoted(name), names.join(", "));
        invalid("metadata", message)
    })?;
    Ok(TypeSpec { name: name.to_owned(), field_type, filterable })
}

/// Names of fields are 1 to 1,024 bytes of any UTF-8 for text; the empty name is a name in metadata, as in JSON.
pub(super) fn check_field_name(key: &'static str, name: &str) -> Result<()> {
    if name.len() > MAX_NAME_BYTES {
        let what = format!("bytes in the name of a {key} field");
        return Err(exceeded(&what, MAX_NAME_BYTES, name.len(), "shorten it").with("field", quoted(name)));
    }
    if name.is_empty() && key == "text" {
        return Err(invalid("text", "a text field needs a name; plain text fills the field \"text\"".into()));
    }
    Ok(())
}

pub(super) fn invalid(key: &str, message: String) -> Error {
    Error::new(ErrorKind::InvalidSchema, message).with("key", key)
}

/// Strings as they are, since a schema is code; other values by their kind.
pub(super) fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| describe(value), quoted)
}
