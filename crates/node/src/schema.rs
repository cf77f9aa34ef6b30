//! Schemas in both directions, in the words of TypeScript's port.

use gennaker_core::document::{Embedding, Schema};
use gennaker_core::error::{Error, ErrorKind, Result};
use gennaker_core::validate::SchemaSpec;
use serde_json::{Map, Value, json};

/// `SchemaInfo` of the port.
pub(crate) fn to_json(schema: &Schema) -> Value {
    let text = schema
        .text
        .iter()
        .map(|field| json!({ "name": field.name, "weight": field.weight, "language": field.language }));
    let metadata: Map<String, Value> = schema
        .metadata
        .iter()
        .map(|(name, field)| {
            let mut info = json!({ "type": field.field_type, "filterable": field.filterable });
            if let Some(id) = &field.inferred_from {
                info["inferredFrom"] = id.as_str().into();
            }
            (name.clone(), info)
        })
        .collect();
    let mut info = json!({
        "metric": schema.metric,
        "text": text.collect::<Vec<_>>(),
        "metadata": metadata,
        "namespacesRequired": schema.namespaces_required,
    });
    if let Some(dimension) = schema.dimension {
        info["dimension"] = dimension.into();
    }
    match &schema.embedding {
        Some(Embedding::Lsa) => info["embedding"] = json!({ "kind": "lsa" }),
        Some(Embedding::External { id }) => info["embedding"] = json!({ "kind": "external", "id": id }),
        None => {}
    }
    info
}

/// Reads a `CollectionSpec` of the port; its text fields are a list, so that their order survives.
///
/// # Errors
/// Those of `SchemaSpec::parse`.
pub(crate) fn spec(json: &str) -> Result<SchemaSpec> {
    let invalid = |what: String| Error::new(ErrorKind::InvalidSchema, what);
    let mut sent: Map<String, Value> =
        serde_json::from_str(json).map_err(|error| invalid(format!("the schema is no JSON object: {error}")))?;
    if let Some(Value::Array(fields)) = sent.remove("text") {
        let mut text = Map::new();
        for field in fields {
            let Value::Object(mut field) = field else { return Err(invalid("a text field must be an object".into())) };
            let name = field.remove("name").and_then(|name| name.as_str().map(str::to_owned));
            let name = name.ok_or_else(|| invalid("a text field needs a name".into()))?;
            text.insert(name, Value::Object(field));
        }
        sent.insert("text".into(), Value::Object(text));
    }
    if let Some(Value::Object(fields)) = sent.get_mut("metadata") {
        for field in fields.values_mut() {
            if let Value::Object(field) = field {
                field.remove("inferredFrom");
            }
        }
    }
    if let Some(mut embedding) = sent.remove("embedding") {
        let is_built_in = embedding["kind"] == "lsa";
        if let Value::Object(map) = &mut embedding {
            map.remove("kind");
        }
        sent.insert("embed".into(), if is_built_in { "lsa".into() } else { embedding });
    }
    if let Some(required) = sent.remove("namespacesRequired") {
        sent.insert("namespaces".into(), if required == true { "required" } else { "optional" }.into());
    }
    SchemaSpec::parse(&Value::Object(sent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_of_the_port_reads_and_comes_back() {
        let sent = json!({
            "dimension": 3,
            "metric": "l2",
            "text": [
                { "name": "title", "weight": 4, "language": "english" },
                { "name": "1", "weight": 1, "language": "none" },
            ],
            "metadata": { "year": { "type": "int", "filterable": false }, "tags": { "type": "string[]", "filterable": true } },
            "embedding": { "kind": "external", "id": "model" },
            "namespacesRequired": true,
        });
        let spec = spec(&sent.to_string()).unwrap();
        let schema = gennaker_core::validate::create("docs", &spec).unwrap();
        let mut expected = sent;
        expected["text"][0]["weight"] = json!(4.0);
        expected["text"][1]["weight"] = json!(1.0);
        assert_eq!(to_json(&schema), expected);
    }

    #[test]
    fn the_built_in_embedder_is_named() {
        let spec = spec(r#"{"embedding":{"kind":"lsa"}}"#).unwrap();
        let info = to_json(&gennaker_core::validate::create("docs", &spec).unwrap());
        assert_eq!(info["embedding"], json!({ "kind": "lsa" }));
        assert_eq!(info["dimension"], 128);
    }

    #[test]
    fn nonsense_is_refused() {
        for sent in
            ["", "[]", r#"{"text":[1]}"#, r#"{"text":[{}]}"#, r#"{"unknown":1}"#, r#"{"embedding":{"kind":"x"}}"#]
        {
            assert_eq!(spec(sent).unwrap_err().kind(), ErrorKind::InvalidSchema, "{sent}");
        }
    }
}
