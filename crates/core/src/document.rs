//! What users store: documents, their keys, and the schema of a collection. Stands on nothing but errors.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

mod instant;
pub mod json;

pub use instant::Instant;

/// The name of the text field that a plain string fills.
pub const DEFAULT_TEXT_FIELD: &str = "text";

/// What identifies a document in its collection: tenants are namespaces, so the same id may live in many.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// `""` unless the collection was bound to a namespace.
    pub namespace: Arc<str>,
    /// The user's id, 1 to 1,024 bytes of UTF-8.
    pub id: Arc<str>,
}

impl Key {
    /// The 64-bit hash that orders keys in a segment and samples documents: xxh3-64 of namespace, a zero byte, id.
    #[must_use]
    pub fn hash(&self) -> u64 {
        let mut bytes = Vec::with_capacity(self.namespace.len() + 1 + self.id.len());
        bytes.extend_from_slice(self.namespace.as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(self.id.as_bytes());
        xxhash_rust::xxh3::xxh3_64(&bytes)
    }
}

/// A document's text: one string, or strings by field name in the user's order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Text {
    /// Fills the field [`DEFAULT_TEXT_FIELD`].
    Plain(String),
    /// Fills the named fields.
    Fields(serde_json::Map<String, serde_json::Value>),
}

impl Text {
    /// Every (field, text) of the document.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        let (plain, fields) = match self {
            Self::Plain(text) => (Some((DEFAULT_TEXT_FIELD, text.as_str())), None),
            Self::Fields(map) => (None, Some(map)),
        };
        plain.into_iter().chain(
            fields.into_iter().flatten().filter_map(|(name, text)| text.as_str().map(|text| (name.as_str(), text))),
        )
    }
}

/// One stored document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Namespace and id.
    pub key: Key,
    /// As the user gave it (not normalised), or made by the collection's embedder; `None` when it has none.
    pub vector: Option<Box<[f32]>>,
    /// What the user wrote.
    pub text: Option<Text>,
    /// The user's JSON object as text, byte for byte, so that it comes back equal.
    pub metadata: Option<Box<str>>,
}

/// How two vectors compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Metric {
    /// Score = cosine of the angle, -1 to 1.
    #[default]
    Cosine,
    /// Score = inner product.
    Dot,
    /// Score = minus the Euclidean distance (not squared).
    L2,
    /// Score = minus the sum of absolute differences.
    L1,
}

impl Metric {
    /// Every metric with the name that users write.
    pub const NAMES: [(&'static str, Self); 4] =
        [("cosine", Self::Cosine), ("dot", Self::Dot), ("l2", Self::L2), ("l1", Self::L1)];

    /// The name that users write.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize].0
    }
}

/// Types of metadata fields. `Json` takes any value and compares by the value's own type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldType {
    /// UTF-8 text, compared by bytes.
    String,
    /// An array of strings.
    #[serde(rename = "string[]")]
    Strings,
    /// A whole number within ±2^53.
    Int,
    /// A finite number.
    Float,
    /// `true` or `false`.
    Bool,
    /// An ISO 8601 string, compared by instant.
    Date,
    /// `{ lat, lon }` in degrees.
    Geo,
    /// Anything.
    Json,
}

impl FieldType {
    /// Every type with the name that users write.
    pub const NAMES: [(&'static str, Self); 8] = [
        ("string", Self::String),
        ("string[]", Self::Strings),
        ("int", Self::Int),
        ("float", Self::Float),
        ("bool", Self::Bool),
        ("date", Self::Date),
        ("geo", Self::Geo),
        ("json", Self::Json),
    ];

    /// The name that users write.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize].0
    }
}

/// One metadata field of a schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataField {
    /// Its type.
    #[serde(rename = "type")]
    pub field_type: FieldType,
    /// `false` only stores the field.
    pub filterable: bool,
    /// The id of the document that the type was inferred from; `None` when it was declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inferred_from: Option<String>,
}

/// One text field of a schema.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextField {
    /// Its name in the document's `text` object.
    pub name: String,
    /// Weight of its term frequencies (BM25F); `title` 4, others 1.
    pub weight: f64,
    /// Stemmer and stop words: a Snowball language name or `none`.
    pub language: String,
}

/// Where a collection's vectors come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Embedding {
    /// Latent semantic analysis of the collection itself.
    Lsa,
    /// An embedder outside the engine; the identity is recorded and checked.
    External {
        /// Model and version.
        id: String,
    },
}

/// The schema of a collection: declared parts and what documents taught it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Schema {
    /// Components per vector, 1 to 4,096; `None` until the first vector.
    pub dimension: Option<u32>,
    /// The metric of the default vector.
    pub metric: Metric,
    /// Text fields, in order of declaration or first use.
    pub text: Vec<TextField>,
    /// Metadata fields by name.
    pub metadata: std::collections::BTreeMap<String, MetadataField>,
    /// The embedder, if one fills the vectors.
    pub embedding: Option<Embedding>,
    /// Whether calls without a namespace are refused.
    #[serde(default)]
    pub namespaces_required: bool,
}

/// Dimension of the built-in embedder.
pub const LSA_DIMENSION: u32 = 128;

#[cfg(test)]
mod tests {
    use super::{FieldType, Metric};

    #[test]
    fn names_are_the_stored_ones() {
        for (name, metric) in Metric::NAMES {
            assert_eq!(metric.name(), name);
            assert_eq!(serde_json::to_value(metric).unwrap(), name);
        }
        for (name, field_type) in FieldType::NAMES {
            assert_eq!(field_type.name(), name);
            assert_eq!(serde_json::to_value(field_type).unwrap(), name);
        }
    }
}
