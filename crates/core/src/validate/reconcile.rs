//! From declared to stored: a new schema, or an old one that a declaration extends and never contradicts.

use super::fields::{TextSpec, TypeSpec};
use super::limits::{MAX_METADATA_FIELDS, MAX_TEXT_FIELDS, exceeded};
use super::spec::SchemaSpec;
use crate::document::{Embedding, MetadataField, Schema, TextField};
use crate::error::{Error, ErrorKind, Result, quoted};

/// The language of text fields that declare none.
const DEFAULT_LANGUAGE: &str = "english";

/// The schema of a new collection.
///
/// # Errors
/// Those of [`reconcile`]; none for a spec that [`SchemaSpec::parse`] returned.
pub fn create(collection: &str, spec: &SchemaSpec) -> Result<Schema> {
    reconcile(collection, &Schema::default(), spec)
}

/// The stored schema after it was opened with `spec`: what it has, and what `spec` adds.
///
/// Added may be text and metadata fields, the dimension while no vector has taught one, then also the metric and the
/// embedder, a demand for namespaces, and other weights, which only rank. An inferred field becomes a declared one.
/// Equal to `existing` when there is nothing to store.
///
/// # Errors
/// `EmbedderMismatch`, `DimensionMismatch`, `InvalidSchema`, each with details `expected` (stored) and `actual`
/// (declared); `LimitExceeded` for too many fields.
pub fn reconcile(collection: &str, existing: &Schema, spec: &SchemaSpec) -> Result<Schema> {
    let mut schema = existing.clone();
    embedder(collection, &mut schema, spec)?;
    if let Some(metric) = spec.metric {
        if existing.dimension.is_some() && metric != existing.metric {
            return Err(contradiction(collection, "metric", existing.metric.name(), metric.name()));
        }
        schema.metric = metric;
    }
    if let Some(actual) = spec.dimension {
        let expected = *schema.dimension.get_or_insert(actual);
        if expected != actual {
            let message = format!(
                "the schema says dimension {actual}, collection {} has {expected}. Leave dimension out, or create a new \
                 collection.",
                quoted(collection)
            );
            return Err(Error::new(ErrorKind::DimensionMismatch, message)
                .with("collection", collection)
                .with("expected", expected)
                .with("actual", actual));
        }
    }
    for field in &spec.text {
        text_field(collection, &mut schema, field)?;
    }
    for field in &spec.metadata {
        metadata_field(collection, &mut schema, field)?;
    }
    schema.namespaces_required |= spec.namespaces_required;
    check_field_counts(schema.text.len(), schema.metadata.len())?;
    Ok(schema)
}

fn embedder(collection: &str, schema: &mut Schema, spec: &SchemaSpec) -> Result<()> {
    let name = |embedding: Option<&Embedding>| match embedding {
        None => "none (vectors are given)".to_owned(),
        Some(Embedding::Lsa) => "lsa".to_owned(),
        Some(Embedding::External { id }) => id.clone(),
    };
    match (&schema.embedding, &spec.embed) {
        (_, None) => {}
        (None, Some(embedding)) if schema.dimension.is_none() => schema.embedding = Some(embedding.clone()),
        (Some(stored), Some(embedding)) if stored == embedding => {}
        (stored, embedding) => {
            let (expected, actual) = (name(stored.as_ref()), name(embedding.as_ref()));
            let message = format!(
                "collection {} was filled with embedder {}, not with {}; vectors of two embedders do not compare. Open it \
                 with the former, or embed all documents again into a new generation's or another collection.",
                quoted(collection),
                quoted(&expected),
                quoted(&actual)
            );
            return Err(Error::new(ErrorKind::EmbedderMismatch, message)
                .with("collection", collection)
                .with("expected", expected)
                .with("actual", actual));
        }
    }
    Ok(())
}

fn text_field(collection: &str, schema: &mut Schema, spec: &TextSpec) -> Result<()> {
    let Some(field) = schema.text.iter_mut().find(|field| field.name == spec.name) else {
        let mut field = default_text_field(&spec.name);
        field.weight = spec.weight.unwrap_or(field.weight);
        field.language = spec.language.clone().unwrap_or(field.language);
        schema.text.push(field);
        return Ok(());
    };
    if let Some(language) = spec.language.as_ref().filter(|language| **language != field.language) {
        let what = format!("language of text field {}", quoted(&spec.name));
        return Err(contradiction(collection, &what, &field.language, language));
    }
    field.weight = spec.weight.unwrap_or(field.weight);
    Ok(())
}

fn metadata_field(collection: &str, schema: &mut Schema, spec: &TypeSpec) -> Result<()> {
    let Some(field) = schema.metadata.get_mut(&spec.name) else {
        let filterable = spec.filterable.unwrap_or(true);
        let field = MetadataField { field_type: spec.field_type, filterable, inferred_from: None };
        schema.metadata.insert(spec.name.clone(), field);
        return Ok(());
    };
    let name = quoted(&spec.name);
    if field.field_type != spec.field_type {
        let taught = field.inferred_from.as_ref().map(|id| format!(" (since document {})", quoted(id)));
        let what = format!("type of metadata field {name}{}", taught.unwrap_or_default());
        return Err(contradiction(collection, &what, field.field_type.name(), spec.field_type.name()));
    }
    if let Some(filterable) = spec.filterable.filter(|filterable| *filterable != field.filterable) {
        let (stored, declared) = (field.filterable.to_string(), filterable.to_string());
        return Err(contradiction(collection, &format!("filterable of metadata field {name}"), &stored, &declared));
    }
    field.inferred_from = None;
    Ok(())
}

fn contradiction(collection: &str, what: &str, expected: &str, actual: &str) -> Error {
    let message = format!(
        "the {what} is {expected} in collection {}, the schema says {actual}. Declare the stored one, or create a new \
         collection.",
        quoted(collection)
    );
    Error::new(ErrorKind::InvalidSchema, message)
        .with("collection", collection)
        .with("expected", expected)
        .with("actual", actual)
}

/// A text field that nothing is declared of: weight 4 for `title`, else 1; English.
pub(super) fn default_text_field(name: &str) -> TextField {
    let weight = if name == "title" { 4.0 } else { 1.0 };
    TextField { name: name.to_owned(), weight, language: DEFAULT_LANGUAGE.to_owned() }
}

pub(super) fn check_field_counts(text: usize, metadata: usize) -> Result<()> {
    if text > MAX_TEXT_FIELDS {
        return Err(exceeded("text fields of a collection", MAX_TEXT_FIELDS, text, "join some of them"));
    }
    if metadata > MAX_METADATA_FIELDS {
        let way_out = "put some into one field that holds an object";
        return Err(exceeded("metadata fields of a collection", MAX_METADATA_FIELDS, metadata, way_out));
    }
    Ok(())
}
