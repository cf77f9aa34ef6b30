//! The door: what makes a name, a key, a vector, a document and a schema acceptable. Whatever passes here, the rooms
//! above may trust; whatever does not is refused with its kind, its values and the way out, and changes nothing.

mod batch;
mod fields;
mod infer;
mod key;
mod limits;
mod merge_patch;
mod metadata;
mod reconcile;
mod spec;
mod vector;

pub use batch::{check_batch, check_document};
pub use fields::{LANGUAGES, TextSpec, TypeSpec};
pub use key::{check_collection_name, check_id, check_namespace, require_namespace};
pub use limits::*;
pub use merge_patch::{merge_metadata, merge_patch};
pub use metadata::parse_metadata;
pub use reconcile::{create, reconcile};
pub use spec::SchemaSpec;
pub use vector::check_vector;
