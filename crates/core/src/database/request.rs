//! What a caller may ask to be written, and the answer.

use serde_json::Value;

use super::Target;
use crate::document::Text;
use crate::filter::Filter;
use crate::validate::SchemaSpec;

/// A document as a caller gives it.
#[derive(Debug, Clone, Default)]
pub struct NewDocument {
    /// 1 to 1,024 bytes.
    pub id: String,
    /// Of the collection's dimension.
    pub vector: Option<Box<[f32]>>,
    /// Its text.
    pub text: Option<Text>,
    /// A JSON object.
    pub metadata: Option<Box<str>>,
}

/// A JSON merge patch (RFC 7396) of one document.
#[derive(Debug, Clone, Default)]
pub struct Patch {
    /// What happens to the vector.
    pub vector: PatchVector,
    /// What happens to the text.
    pub text: PatchText,
    /// The patch of the metadata; `Some(Null)` drops it.
    pub metadata: Option<Value>,
}

/// A patch of the vector.
#[derive(Debug, Clone, Default)]
pub enum PatchVector {
    /// Stays.
    #[default]
    Keep,
    /// Goes.
    Drop,
    /// Is replaced.
    Set(Box<[f32]>),
}

/// A patch of the text.
#[derive(Debug, Clone, Default)]
pub enum PatchText {
    /// Stays.
    #[default]
    Keep,
    /// Goes, or is replaced, or (an object) merged field by field, `null` dropping a field.
    Merge(Value),
}

/// One batch.
#[derive(Debug, Clone)]
pub enum WriteOp {
    /// Opens a collection, making or extending it as the specification says.
    Define(Box<SchemaSpec>),
    /// Drops the collection.
    Drop,
    /// Inserts or replaces documents.
    Upsert(Vec<NewDocument>),
    /// Patches one document.
    Update {
        /// Whose.
        id: String,
        /// With what.
        patch: Box<Patch>,
    },
    /// Deletes documents; missing ids are fine.
    Delete(Vec<String>),
    /// Deletes what matches.
    DeleteWhere(Filter),
}

/// A batch and where it goes.
#[derive(Debug, Clone)]
pub struct Write {
    /// The live generation or the open build.
    pub target: Target,
    /// The collection.
    pub collection: String,
    /// The namespace; `""` when unbound.
    pub namespace: String,
    /// What to do.
    pub op: WriteOp,
    /// When the call may return.
    pub durability: Durability,
}

/// What has to be on stable storage before a write is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// The write itself.
    #[default]
    Sync,
    /// Nothing: a crash may lose it, and everything after it, but never what was acknowledged as `Sync`.
    None,
}

/// An acknowledged batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Committed {
    /// Its number; that of the newest batch when nothing had to be done.
    pub sequence: u64,
    /// Documents written.
    pub upserted: u64,
    /// Documents removed.
    pub deleted: u64,
}
