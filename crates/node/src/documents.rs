//! Documents in both directions, as columns.

use gennaker_core::database::{NewDocument, Patch, PatchText, PatchVector};
use gennaker_core::document::{Document, Text};
use gennaker_core::error::{Error, ErrorKind, Result};
use napi_derive::napi;
use serde_json::Value;

use crate::columns::{Strings, StringsBuilder, Vectors, VectorsBuilder};

/// The length of a vector whose whole document is missing.
const MISSING: i32 = -2;

/// Documents, one row each. `texts` and `metadata` are JSON, `""` when there is none.
#[napi(object, object_from_js = false)]
pub struct Documents {
    /// Their ids.
    pub ids: Strings,
    /// Their vectors; length -1 for none, -2 when the document itself is missing.
    pub vectors: Vectors,
    /// A JSON string, or an object of strings by field.
    pub texts: Strings,
    /// A JSON object.
    pub metadata: Strings,
}

/// Documents as columns; a missing one has a row too. `with_vectors` is off where the built-in embedder made them.
pub(crate) fn to_columns(documents: &[Option<Document>], with_vectors: bool) -> Documents {
    let (mut ids, mut texts, mut metadata) = Default::default();
    let mut vectors = VectorsBuilder::default();
    for document in documents {
        let strings: [&mut StringsBuilder; 3] = [&mut ids, &mut texts, &mut metadata];
        let [ids, texts, metadata] = strings;
        ids.push(document.as_ref().map_or("", |document| &document.key.id));
        texts.push(
            &document.as_ref().and_then(|document| document.text.as_ref()).map_or_else(String::new, text_to_json),
        );
        metadata.push(document.as_ref().and_then(|document| document.metadata.as_deref()).unwrap_or(""));
        match document {
            Some(document) => vectors.push(document.vector.as_deref().filter(|_| with_vectors)),
            None => vectors.push_missing(MISSING),
        }
    }
    Documents { ids: ids.finish(), vectors: vectors.finish(), texts: texts.finish(), metadata: metadata.finish() }
}

/// JSON of a text.
pub(crate) fn text_to_json(text: &Text) -> String {
    serde_json::to_string(text).expect("strings always serialise")
}

/// Documents out of columns, which are as long as `ids`, or empty when no document has that part.
///
/// # Errors
/// `InvalidSchema` when a text is neither a JSON string nor an object, with the detail `position`.
pub(crate) fn from_columns(
    ids: Vec<String>,
    vectors: &[Option<&[f32]>],
    texts: &[String],
    metadata: Vec<String>,
) -> Result<Vec<NewDocument>> {
    let mut metadata = metadata.into_iter();
    ids.into_iter()
        .enumerate()
        .map(|(position, id)| {
            let text = texts.get(position).map_or(Ok(None), |text| text_from_json(text));
            let text = text.map_err(|error| error.with("position", position).with("id", id.as_str()))?;
            let vector = vectors.get(position).copied().flatten().map(Box::from);
            let metadata = metadata.next().filter(|json| !json.is_empty()).map(String::into_boxed_str);
            Ok(NewDocument { id, vector, text, metadata })
        })
        .collect()
}

fn text_from_json(json: &str) -> Result<Option<Text>> {
    let parsed = match json.as_bytes().first() {
        None => return Ok(None),
        Some(b'"') => serde_json::from_str(json).map(Text::Plain),
        Some(_) => serde_json::from_str(json).map(Text::Fields),
    };
    parsed.map(Some).map_err(|error| invalid("text", &error))
}

/// A merge patch. `vector`: `None` keeps it, an empty one drops it. `text` and `metadata` are JSON; `None` keeps them.
///
/// # Errors
/// `InvalidSchema` when they are not JSON.
pub(crate) fn patch(vector: Option<&[f32]>, text: Option<&str>, metadata: Option<&str>) -> Result<Patch> {
    let parse = |name, json: &str| serde_json::from_str::<Value>(json).map_err(|error| invalid(name, &error));
    Ok(Patch {
        vector: match vector {
            None => PatchVector::Keep,
            Some([]) => PatchVector::Drop,
            Some(vector) => PatchVector::Set(Box::from(vector)),
        },
        text: text.map(|json| parse("text", json)).transpose()?.map_or(PatchText::Keep, PatchText::Merge),
        metadata: metadata.map(|json| parse("metadata", json)).transpose()?,
    })
}

fn invalid(part: &'static str, error: &serde_json::Error) -> Error {
    Error::new(ErrorKind::InvalidSchema, format!("{part} is not JSON of the expected shape: {error}")).with("key", part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_may_be_empty_and_parts_absent() {
        let texts = [String::new(), r#""plain""#.to_owned(), r#"{"title":"t"}"#.to_owned()];
        let ids = ["a", "b", "c"].map(str::to_owned).to_vec();
        let documents = from_columns(ids, &[None, Some(&[1.0, 2.0]), None], &texts, Vec::new()).unwrap();
        assert_eq!(documents[0].text, None);
        assert_eq!(documents[1].text, Some(Text::Plain("plain".to_owned())));
        assert_eq!(documents[1].vector.as_deref(), Some(&[1.0, 2.0][..]));
        assert!(matches!(&documents[2].text, Some(Text::Fields(map)) if map["title"] == "t"));
        assert!(documents.iter().all(|document| document.metadata.is_none()));
    }

    #[test]
    fn a_text_that_is_no_json_names_its_position() {
        let texts = [String::new(), "\"open".to_owned()];
        let error = from_columns(vec!["a".to_owned(), "b".to_owned()], &[], &texts, Vec::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSchema);
        assert!(error.details().contains(&("position", Value::from(1))));
    }

    #[test]
    fn an_empty_vector_drops_and_none_keeps() {
        assert!(matches!(patch(Some(&[]), None, None).unwrap().vector, PatchVector::Drop));
        let kept = patch(None, None, Some("null")).unwrap();
        assert!(matches!(
            (kept.vector, kept.text, kept.metadata),
            (PatchVector::Keep, PatchText::Keep, Some(Value::Null))
        ));
    }
}
