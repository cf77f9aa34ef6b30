//! What the tests of whole stores share: short ways to open, write and ask.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used, reason = "each test file uses its own part")]

use std::collections::BTreeMap;
use std::sync::Arc;

use gennaker_core::database::{Database, Durability, NewDocument, OpenOptions, Target, Write, WriteOp};
use gennaker_core::document::Text;
use gennaker_core::error::Result;
use gennaker_core::filter::Filter;
use gennaker_core::search::query::{SearchQuery, SearchResult};
use gennaker_core::storage::vfs::Vfs;
use gennaker_core::validate::SchemaSpec;
use serde_json::{Value, json};

pub fn open(vfs: &Arc<dyn Vfs>) -> Result<Arc<Database>> {
    Database::open(vfs.clone(), &OpenOptions::default())
}

pub fn write_to(db: &Database, target: Target, op: WriteOp) -> Result<gennaker_core::database::Committed> {
    db.write(Write { target, collection: "docs".into(), namespace: String::new(), op, durability: Durability::Sync })
}

pub fn define(db: &Database, target: Target, schema: Value) -> Result<()> {
    write_to(db, target, WriteOp::Define(Box::new(SchemaSpec::parse(&schema)?))).map(drop)
}

pub fn doc(id: &str, text: &str, vector: Option<&[f32]>, metadata: Value) -> NewDocument {
    NewDocument {
        id: id.into(),
        vector: vector.map(Box::from),
        text: (!text.is_empty()).then(|| Text::Plain(text.into())),
        metadata: (!metadata.is_null()).then(|| metadata.to_string().into_boxed_str()),
    }
}

pub fn put(db: &Database, target: Target, documents: Vec<NewDocument>) -> Result<u64> {
    write_to(db, target, WriteOp::Upsert(documents)).map(|committed| committed.sequence)
}

/// Upserts one text document into the live generation.
pub fn say(db: &Database, id: &str, text: &str) -> Result<u64> {
    put(db, Target::Live, vec![doc(id, text, None, Value::Null)])
}

pub fn remove(db: &Database, id: &str) -> Result<u64> {
    write_to(db, Target::Live, WriteOp::Delete(vec![id.into()])).map(|committed| committed.sequence)
}

pub fn words(text: &str) -> SearchQuery {
    SearchQuery { text: Some(text.into()), ..SearchQuery::default() }
}

pub fn ask(db: &Database, query: &SearchQuery) -> Result<SearchResult> {
    db.search(Target::Live, "docs", "", query, &|| false)
}

pub fn ids(result: &SearchResult) -> Vec<String> {
    result.hits.iter().map(|hit| hit.id.to_string()).collect()
}

pub fn filtered(mut query: SearchQuery, filter: &Value) -> SearchQuery {
    query.filter = Some(Filter::parse(filter).unwrap());
    query
}

/// Everything in the collection: id to text.
pub fn contents(db: &Database, target: Target) -> Result<BTreeMap<String, String>> {
    let mut scan = db.scan(target, "docs", "", None)?;
    let mut all = BTreeMap::new();
    loop {
        let documents = scan.next(100)?;
        if documents.is_empty() {
            return Ok(all);
        }
        for document in documents {
            let text = document.text.as_ref().and_then(|text| text.fields().next()).map_or("", |(_, text)| text);
            all.insert(document.key.id.to_string(), text.to_owned());
        }
    }
}

pub fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect()
}

pub fn lsa() -> Value {
    json!({ "embed": "lsa" })
}
