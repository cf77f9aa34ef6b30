//! What `db.collection(name, schema)` says: the declared part of a schema, read from JSON.

use serde_json::{Map, Value};

use super::limits::{MAX_DIMENSION, MAX_METADATA_FIELDS, MAX_NAME_BYTES, MAX_TEXT_FIELDS, exceeded};
use super::metadata::describe;
use crate::document::{DEFAULT_TEXT_FIELD, Embedding, FieldType, LSA_DIMENSION, Metric};
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
const KEYS: &str = "dimension, metric, vectors, text, metadata, embed, namespaces";

/// A schema as a user declares it; everything may be left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SchemaSpec {
    /// Components per vector; 128 when the embedder is the built-in one.
    pub dimension: Option<u32>,
    /// `None` leaves the stored one, cosine at first; cosine when the embedder is the built-in one.
    pub metric: Option<Metric>,
    /// In the order of declaration.
    pub text: Vec<TextSpec>,
    /// In the order of declaration.
    pub metadata: Vec<TypeSpec>,
    /// Where vectors come from.
    pub embed: Option<EmbedSpec>,
    /// Whether calls without a namespace are to be refused.
    pub namespaces_required: bool,
}

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

/// A declared embedder.
pub type EmbedSpec = Embedding;

impl SchemaSpec {
    /// Reads `{ dimension?, metric?, text?, metadata?, embed?, namespaces? }`.
    ///
    /// # Errors
    /// `Unsupported` for `vectors` and for the metrics `hamming` and `jaccard`; `LimitExceeded` (details `limit`,
    /// `actual`); `InvalidSchema` (detail `key`) for everything else that is wrong or unknown.
    pub fn parse(value: &Value) -> Result<Self> {
        let map = value
            .as_object()
            .ok_or_else(|| invalid("schema", format!("a schema must be an object, not {}", describe(value))))?;
        let mut spec = Self::default();
        for (key, value) in map {
            match key.as_str() {
                "dimension" => spec.dimension = Some(dimension(value)?),
                "metric" => spec.metric = Some(metric(value)?),
                "text" => spec.text = text(value)?,
                "metadata" => spec.metadata = metadata(value)?,
                "embed" => spec.embed = Some(embed(value)?.0),
                "namespaces" => spec.namespaces_required = namespaces(value)?,
                "vectors" => {
                    let message = "named vectors come with the vector index; this version has one default vector per \
                                   document: { dimension, metric }. Use one collection per kind of vector.";
                    return Err(Error::new(ErrorKind::Unsupported, message).with("key", "vectors"));
                }
                _ => {
                    let message = format!("unknown key {} in a schema; known are {KEYS}", quoted(key));
                    return Err(invalid(key, message));
                }
            }
        }
        let of_embedder = map.get("embed").map(embed).transpose()?.and_then(|(_, dimension)| dimension);
        spec.embedder_decides(of_embedder)?;
        Ok(spec)
    }

    /// What the embedder fixes, and whether the rest agrees with it.
    fn embedder_decides(&mut self, dimension: Option<u32>) -> Result<()> {
        if let (Some(declared), Some(made)) = (self.dimension, dimension)
            && declared != made
        {
            let message = format!(
                "the schema says dimension {declared}, its embedder makes {made}; leave dimension out, or use a \
                 collection without that embedder"
            );
            return Err(invalid("dimension", message).with("expected", made).with("actual", declared));
        }
        self.dimension = self.dimension.or(dimension);
        if self.embed == Some(Embedding::Lsa) {
            let metric = self.metric.get_or_insert(Metric::Cosine);
            if *metric != Metric::Cosine {
                let message = format!(
                    "embed: \"lsa\" compares by cosine, the schema says metric {:?}; leave metric out",
                    metric.name()
                );
                return Err(invalid("metric", message).with("expected", "cosine").with("actual", metric.name()));
            }
        }
        Ok(())
    }
}

fn dimension(value: &Value) -> Result<u32> {
    let whole = value.as_f64().filter(|number| *number >= 1.0 && number % 1.0 == 0.0);
    let number = whole.ok_or_else(|| {
        let message = format!("dimension must be a whole number from 1 to {MAX_DIMENSION}, not {}", describe(value));
        invalid("dimension", message)
    })?;
    if number > f64::from(MAX_DIMENSION) {
        let way_out = "use a model with fewer, or project the vectors";
        return Err(exceeded("dimension", MAX_DIMENSION as usize, number as usize, way_out).with("key", "dimension"));
    }
    Ok(number as u32)
}

fn metric(value: &Value) -> Result<Metric> {
    let name = value.as_str().unwrap_or_default();
    if let Some((_, metric)) = Metric::NAMES.into_iter().find(|(known, _)| *known == name) {
        return Ok(metric);
    }
    if matches!(name, "hamming" | "jaccard") {
        let message =
            format!("metric {name:?} comes with binary vectors and the vector index; use cosine, dot, l2 or l1");
        return Err(Error::new(ErrorKind::Unsupported, message).with("key", "metric").with("actual", name));
    }
    Err(invalid("metric", format!("metric must be cosine, dot, l2 or l1, not {}", shown(value))))
}

fn text(value: &Value) -> Result<Vec<TextSpec>> {
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
    let mut names = std::collections::HashSet::new();
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

fn metadata(value: &Value) -> Result<Vec<TypeSpec>> {
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

/// The embedder and its dimension, where known.
fn embed(value: &Value) -> Result<(Embedding, Option<u32>)> {
    match value {
        Value::String(name) if name == "lsa" => return Ok((Embedding::Lsa, Some(LSA_DIMENSION))),
        Value::Object(map) => {
            if let Some(key) = map.keys().find(|key| !matches!(key.as_str(), "id" | "dimension")) {
                let message = format!("an embedder has the unknown key {}; known are id, dimension", quoted(key));
                return Err(invalid("embed", message));
            }
            if let Some(id) =
                map.get("id").and_then(Value::as_str).filter(|id| (1..=MAX_NAME_BYTES).contains(&id.len()))
            {
                let dimension = map.get("dimension").map(dimension).transpose()?;
                return Ok((Embedding::External { id: id.to_owned() }, dimension));
            }
        }
        _ => {}
    }
    let message = format!(
        "embed must be \"lsa\" or an embedder {{ id, dimension? }} with an id of 1 to 1,024 bytes, not {}",
        shown(value)
    );
    Err(invalid("embed", message))
}

fn namespaces(value: &Value) -> Result<bool> {
    match value.as_str() {
        Some("required") => Ok(true),
        Some("optional") => Ok(false),
        _ => {
            Err(invalid("namespaces", format!("namespaces must be \"required\" or \"optional\", not {}", shown(value))))
        }
    }
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

fn invalid(key: &str, message: String) -> Error {
    Error::new(ErrorKind::InvalidSchema, message).with("key", key)
}

/// Strings as they are, since a schema is code; other values by their kind.
fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| describe(value), quoted)
}
