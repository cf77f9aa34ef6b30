//! Documents and batches of them: everything is checked before anything is learnt or stored.

use std::collections::HashMap;

use super::infer::{new_metadata_fields, new_text_fields};
use super::key::{check_id, check_namespace, require_namespace};
use super::limits::{MAX_BATCH_BYTES, MAX_BATCH_DOCUMENTS, MAX_TEXT_BYTES, exceeded};
use super::metadata::{describe, parse_metadata};
use super::vector::check_vector;
use crate::document::{Document, Embedding, Key, Schema, Text};
use crate::error::{Error, ErrorKind, Result, quoted};

/// Checks a batch as its user gave it (before an embedder fills vectors) and returns the schema that it leads to.
///
/// # Errors
/// `LimitExceeded` for a batch of too many documents or bytes. Everything else is about one document and carries the
/// details `position` (its index in the batch) and `id`: those of [`check_document`], and `InvalidId` with `first`
/// (the index of the other one) for a key that is twice in the batch.
pub fn check_batch(collection: &str, schema: &Schema, documents: &[Document]) -> Result<Schema> {
    let split = "write several batches, or use ingest";
    if documents.len() > MAX_BATCH_DOCUMENTS {
        return Err(exceeded("documents of a batch", MAX_BATCH_DOCUMENTS, documents.len(), split));
    }
    let bytes = documents.iter().fold(0_usize, |sum, document| sum.saturating_add(size(document)));
    if bytes > MAX_BATCH_BYTES {
        return Err(exceeded("bytes of a batch", MAX_BATCH_BYTES, bytes, split));
    }
    let mut schema = schema.clone();
    let mut positions: HashMap<&Key, usize> = HashMap::with_capacity(documents.len());
    for (position, document) in documents.iter().enumerate() {
        check_document(collection, &mut schema, document).map_err(|error| at(error, position, document))?;
        if let Some(first) = positions.insert(&document.key, position) {
            let message = format!(
                "the id is twice in one batch, at positions {first} and {position}; keep the one that is to stay"
            );
            return Err(at(Error::new(ErrorKind::InvalidId, message).with("first", first), position, document));
        }
    }
    Ok(schema)
}

/// Checks one document as its user gave it, and lets it teach `schema`, which stays as it was on failure.
///
/// Learnt are the dimension of the first vector, unknown text fields with their defaults, and types of unknown top-level
/// metadata fields: number `float`, string `string`, non-empty array of strings `string[]`, boolean `bool`, other arrays
/// and objects `json`; `null` and `[]` teach nothing. `null` never contradicts a type.
///
/// # Errors
/// `InvalidId`, `InvalidName`, `DimensionMismatch`, `NotFinite`, `ZeroVector`, `LimitExceeded`, and `InvalidSchema`: for
/// a value of another type (details `field`, `expected`, `actual`, `id`, and `inferredFrom`, the id that taught the
/// type), for a vector where the built-in embedder makes them, and for text that is no string.
pub fn check_document(collection: &str, schema: &mut Schema, document: &Document) -> Result<()> {
    check_id(&document.key.id)?;
    check_namespace(&document.key.namespace)?;
    require_namespace(collection, schema, &document.key.namespace)?;
    if let Some(vector) = &document.vector {
        if schema.embedding == Some(Embedding::Lsa) {
            let message = format!(
                "collection {} makes its vectors from text (embed: \"lsa\") and takes none. Leave the vector out, or use \
                 a collection without embed.",
                quoted(collection)
            );
            return Err(Error::new(ErrorKind::InvalidSchema, message).with("collection", collection));
        }
        check_vector(collection, schema, vector)?;
    }
    let text = match &document.text {
        Some(text) => {
            check_text(text)?;
            new_text_fields(schema, text.fields().map(|(name, _)| name))?
        }
        None => Vec::new(),
    };
    let metadata = match &document.metadata {
        Some(metadata) => new_metadata_fields(schema, &document.key.id, &parse_metadata(metadata)?)?,
        None => Vec::new(),
    };
    if let (None, Some(vector)) = (schema.dimension, &document.vector) {
        schema.dimension = u32::try_from(vector.len()).ok();
    }
    schema.text.extend(text);
    schema.metadata.extend(metadata);
    Ok(())
}

fn check_text(text: &Text) -> Result<()> {
    if let Text::Fields(fields) = text
        && let Some((name, value)) = fields.iter().find(|(_, value)| !value.is_string())
    {
        let message = format!("text field {} must be a string, not {}", quoted(name), describe(value));
        return Err(Error::new(ErrorKind::InvalidSchema, message).with("field", name.as_str()));
    }
    let bytes = text.fields().map(|(_, text)| text.len()).sum();
    if bytes > MAX_TEXT_BYTES {
        let way_out = "split the document into passages";
        return Err(exceeded("bytes of text in a document", MAX_TEXT_BYTES, bytes, way_out));
    }
    Ok(())
}

fn size(document: &Document) -> usize {
    document.key.id.len()
        + document.vector.as_ref().map_or(0, |vector| size_of_val::<[f32]>(vector))
        + document.text.iter().flat_map(Text::fields).map(|(_, text)| text.len()).sum::<usize>()
        + document.metadata.as_ref().map_or(0, |metadata| metadata.len())
}

/// The same failure, saying which document of the batch it is about.
fn at(error: Error, position: usize, document: &Document) -> Error {
    let id = &*document.key.id;
    let message = format!("document {} at position {position}: {}", quoted(id), error.message());
    let mut placed = Error::new(error.kind(), message).with("position", position).with("id", id);
    for (name, value) in error.details().iter().filter(|(name, _)| *name != "id") {
        placed = placed.with(name, value.clone());
    }
    placed
}
