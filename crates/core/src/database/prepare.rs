//! From what a caller asks to the act that is logged: everything is checked here, before anything is touched.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::read::matching;
use super::request::{NewDocument, Patch, PatchText, PatchVector, Write, WriteOp};
use crate::document::{DEFAULT_TEXT_FIELD, Document, Key, Schema, Text};
use crate::error::{Error, ErrorKind, Result};
use crate::generation::apply::Change;
use crate::generation::journal::Act;
use crate::generation::state::{Collection, MADE_BY_BUILD, State};
use crate::validate::{self, SchemaSpec};

/// The act of a write against `state`; `None` when there is nothing to do. `identity` is what a collection made by it gets.
///
/// # Errors
/// Whatever is wrong with the write, with position and id where one document of a batch is to blame.
pub(super) fn prepare(state: &State, write: &Write, identity: u64) -> Result<Option<Act>> {
    let name = write.collection.as_str();
    match &write.op {
        WriteOp::Define(spec) => {
            validate::check_collection_name(name)?;
            let schema = match state.collections.get(name) {
                Some(existing) => {
                    let schema = redefined(name, existing, spec, identity & MADE_BY_BUILD != 0)?;
                    if schema == *existing.schema {
                        return Ok(None);
                    }
                    schema
                }
                None => validate::create(name, spec)?,
            };
            let identity = state.collections.get(name).map_or(identity, |existing| existing.identity);
            return Ok(Some(Act::Define { collection: name.to_owned(), identity, schema: Box::new(schema) }));
        }
        WriteOp::Drop => {
            state.collection(name)?;
            return Ok(Some(Act::Drop { collection: name.to_owned() }));
        }
        _ => {}
    }
    let collection = state.collection(name)?;
    validate::check_namespace(&write.namespace)?;
    validate::require_namespace(name, &collection.schema, &write.namespace)?;
    let namespace: Arc<str> = Arc::from(write.namespace.as_str());
    let mut schema = (*collection.schema).clone();
    let changes = match &write.op {
        WriteOp::Define(_) | WriteOp::Drop => Vec::new(),
        WriteOp::Upsert(documents) => {
            let documents: Vec<Document> = documents.iter().map(|document| owned(&namespace, document)).collect();
            schema = validate::check_batch(name, &schema, &documents)?;
            documents.into_iter().map(|document| Change::Put(Arc::new(document))).collect()
        }
        WriteOp::Update { id, patch } => {
            let document = patched(collection, name, &namespace, id, patch)?;
            validate::check_document(name, &mut schema, &document)?;
            vec![Change::Put(Arc::new(document))]
        }
        WriteOp::Delete(ids) => present(collection, &namespace, ids)?,
        WriteOp::DeleteWhere(filter) => matching(collection, Some(&write.namespace), filter, &|| false)?
            .into_iter()
            .map(|id| Change::Delete(Key { namespace: namespace.clone(), id }))
            .collect(),
    };
    if changes.is_empty() {
        return Ok(None);
    }
    let learned = (schema != *collection.schema).then(|| Box::new(schema));
    Ok(Some(Act::Write { collection: name.to_owned(), schema: learned, changes }))
}

/// The schema of a collection that is opened again. An empty collection of a build may become anything: that is how a
/// collection changes its embedder or dimension.
fn redefined(name: &str, existing: &Collection, spec: &SchemaSpec, in_build: bool) -> Result<Schema> {
    let documents = existing.count(None);
    let schema = match validate::reconcile(name, &existing.schema, spec) {
        Err(_) if in_build && documents == 0 => validate::create(name, spec)?,
        other => other?,
    };
    if schema.embedding != existing.schema.embedding && documents > 0 {
        return Err(Error::new(
            ErrorKind::EmbedderMismatch,
            format!(
                "collection {name:?} holds {documents} documents that no embedder made vectors for. Fill it again in a new \
                 generation (generations.begin({{ from: \"empty\" }})), or leave `embed` out."
            ),
        )
        .with("collection", name)
        .with("documents", documents));
    }
    Ok(schema)
}

fn owned(namespace: &Arc<str>, document: &NewDocument) -> Document {
    Document {
        key: Key { namespace: namespace.clone(), id: Arc::from(document.id.as_str()) },
        vector: document.vector.clone(),
        text: document.text.clone(),
        metadata: document.metadata.clone(),
    }
}

/// Deletes of those ids that are there, each once.
fn present(collection: &Collection, namespace: &Arc<str>, ids: &[String]) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    let mut seen = BTreeSet::new();
    for id in ids {
        validate::check_id(id)?;
        let key = Key { namespace: namespace.clone(), id: Arc::from(id.as_str()) };
        if seen.insert(id) && collection.find(&key)?.is_some() {
            changes.push(Change::Delete(key));
        }
    }
    Ok(changes)
}

/// The document that a merge patch makes of the stored one.
fn patched(collection: &Collection, name: &str, namespace: &Arc<str>, id: &str, patch: &Patch) -> Result<Document> {
    validate::check_id(id)?;
    let key = Key { namespace: namespace.clone(), id: Arc::from(id) };
    let Some(stored) = collection.get(&key)? else {
        return Err(Error::new(
            ErrorKind::NotFound,
            format!("collection {name:?} has no document {id:?} to update; upsert it instead"),
        )
        .with("collection", name)
        .with("id", id));
    };
    let vector = match &patch.vector {
        // What the built-in embedder made is made again from the patched text.
        _ if collection.embedder.is_some() && !matches!(patch.vector, PatchVector::Set(_)) => None,
        PatchVector::Keep => stored.vector,
        PatchVector::Drop => None,
        PatchVector::Set(vector) => Some(vector.clone()),
    };
    let metadata = match &patch.metadata {
        None => stored.metadata,
        Some(patch) => validate::merge_metadata(stored.metadata.as_deref(), patch)?,
    };
    Ok(Document { key, vector, text: patched_text(&collection.schema, stored.text, &patch.text)?, metadata })
}

fn patched_text(_schema: &Schema, stored: Option<Text>, patch: &PatchText) -> Result<Option<Text>> {
    let PatchText::Merge(patch) = patch else { return Ok(stored) };
    match patch {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(Text::Plain(text.clone()))),
        Value::Object(fields) => {
            let target = match stored {
                None => Map::new(),
                Some(Text::Fields(fields)) => fields,
                Some(Text::Plain(text)) => Map::from_iter([(DEFAULT_TEXT_FIELD.to_owned(), Value::String(text))]),
            };
            let merged = validate::merge_patch(Value::Object(target), &Value::Object(fields.clone()));
            let Value::Object(merged) = merged else { return Ok(None) };
            if let Some((field, _)) = merged.iter().find(|(_, text)| !text.is_string()) {
                return Err(Error::new(ErrorKind::InvalidSchema, format!("text field {field:?} is not a string"))
                    .with("field", field.as_str()));
            }
            Ok((!merged.is_empty()).then_some(Text::Fields(merged)))
        }
        other => Err(Error::new(
            ErrorKind::InvalidSchema,
            format!("a patch of text is a string, an object of strings, or null, not {other}"),
        )),
    }
}
