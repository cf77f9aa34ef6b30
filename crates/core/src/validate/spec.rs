//! What `db.collection(name, schema)` says: the declared part of a schema, read from JSON.

use serde_json::Value;

use super::fields::{TextSpec, TypeSpec, invalid, metadata, shown, text};
use super::limits::{MAX_DIMENSION, MAX_NAME_BYTES, exceeded};
use super::metadata::describe;
use crate::document::{Embedding, LSA_DIMENSION, Metric};
use crate::error::{Error, ErrorKind, Result, quoted};

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
    pub embed: Option<Embedding>,
    /// Whether calls without a namespace are to be refused.
    pub namespaces_required: bool,
}

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
