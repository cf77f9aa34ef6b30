//! What documents teach a schema, and whether they keep to what it has learnt.

use serde_json::{Map, Value};

use super::fields::check_field_name;
use super::metadata::{conforms, describe, wanted};
use super::reconcile::{check_field_counts, default_text_field};
use crate::document::json::lookup;
use crate::document::{FieldType, MetadataField, Schema, TextField};
use crate::error::{Error, ErrorKind, Result, quoted};

/// The new text fields of `names`, with their defaults.
pub(super) fn new_text_fields<'a>(schema: &Schema, names: impl Iterator<Item = &'a str>) -> Result<Vec<TextField>> {
    let mut new: Vec<TextField> = Vec::new();
    for name in names.filter(|name| !schema.text.iter().any(|field| field.name == *name)) {
        check_field_name("text", name)?;
        new.push(default_text_field(name));
    }
    check_field_counts(schema.text.len() + new.len(), 0)?;
    Ok(new)
}

/// The metadata fields that this document is the first to have, after checking the known ones.
///
/// Types come from top-level keys. Declared names with dots are checked where filters find them.
pub(super) fn new_metadata_fields(
    schema: &Schema,
    id: &str,
    metadata: &Map<String, Value>,
) -> Result<Vec<(String, MetadataField)>> {
    let mut new = Vec::new();
    for (name, value) in metadata {
        if let Some(field) = schema.metadata.get(name) {
            check_type(id, name, field, value)?;
        } else if let Some(field_type) = type_of(value) {
            check_field_name("metadata", name)?;
            let field = MetadataField { field_type, filterable: true, inferred_from: Some(id.to_owned()) };
            new.push((name.clone(), field));
        }
    }
    let dotted = schema.metadata.iter().filter(|(name, field)| name.contains('.') && field.inferred_from.is_none());
    for (name, field) in dotted {
        if let Some(value) = lookup(metadata, name) {
            check_type(id, name, field, value)?;
        }
    }
    check_field_counts(0, schema.metadata.len() + new.len())?;
    Ok(new)
}

/// The type that a first value teaches; `None` for `null` and `[]`, which say too little: a later document decides.
fn type_of(value: &Value) -> Option<FieldType> {
    match value {
        Value::Null => None,
        Value::Bool(_) => Some(FieldType::Bool),
        Value::Number(_) => Some(FieldType::Float),
        Value::String(_) => Some(FieldType::String),
        Value::Array(items) if items.is_empty() => None,
        Value::Array(items) if items.iter().all(Value::is_string) => Some(FieldType::Strings),
        Value::Array(_) | Value::Object(_) => Some(FieldType::Json),
    }
}

fn check_type(id: &str, name: &str, field: &MetadataField, value: &Value) -> Result<()> {
    if conforms(value, field.field_type) {
        return Ok(());
    }
    let (expected, actual) = (field.field_type.name(), describe(value));
    let origin = match &field.inferred_from {
        Some(first) => format!("is {expected} since document {}", quoted(first)),
        None => format!("is declared {expected}"),
    };
    let message = format!(
        "metadata field {} {origin} and takes {}, but document {} has {actual}. Change the value, or declare the field \
         \"json\" in a new collection.",
        quoted(name),
        wanted(field.field_type),
        quoted(id)
    );
    let error = Error::new(ErrorKind::InvalidSchema, message)
        .with("field", name)
        .with("expected", expected)
        .with("actual", actual)
        .with("id", id);
    Err(match &field.inferred_from {
        Some(first) => error.with("inferredFrom", first.as_str()),
        None => error,
    })
}
