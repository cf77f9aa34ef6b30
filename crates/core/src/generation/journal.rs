//! The records inside a frame of the log, and their bytes.
//!
//! A record is `{sequence u64, kind u8, body}`; strings and JSON carry a u32 length. Everything is little-endian.

use std::sync::Arc;

use super::apply::Change;
use crate::document::{Document, Key, Schema, Text};
use crate::error::{Error, Result};

/// One accepted batch or act.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its number.
    pub sequence: u64,
    /// What it does.
    pub act: Act,
}

/// What a record does.
#[derive(Debug, Clone)]
pub enum Act {
    /// Makes a collection, or replaces its schema by an extended one.
    Define {
        /// Its name.
        collection: String,
        /// What tells it from others that had or will have its name.
        identity: u64,
        /// The schema from here on.
        schema: Box<Schema>,
    },
    /// Removes a collection with everything in it.
    Drop {
        /// Its name.
        collection: String,
    },
    /// Changes documents of one collection.
    Write {
        /// Its name.
        collection: String,
        /// The schema, when the batch taught it something.
        schema: Option<Box<Schema>>,
        /// The changes, keys distinct.
        changes: Vec<Change>,
    },
    /// Takes a number for a change that files hold: a refit of an embedder.
    Mark,
}

const DEFINE: u8 = 1;
const DROP: u8 = 2;
const WRITE: u8 = 3;
const MARK: u8 = 4;
const PUT: u8 = 1;
const DELETE: u8 = 2;
const HAS_VECTOR: u8 = 1;
const HAS_TEXT: u8 = 2;
const HAS_METADATA: u8 = 4;

impl Record {
    /// Appends the record's bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.sequence.to_le_bytes());
        match &self.act {
            Act::Define { collection, identity, schema } => {
                out.push(DEFINE);
                put_bytes(out, collection.as_bytes());
                out.extend_from_slice(&identity.to_le_bytes());
                put_bytes(out, &to_json(schema));
            }
            Act::Drop { collection } => {
                out.push(DROP);
                put_bytes(out, collection.as_bytes());
            }
            Act::Write { collection, schema, changes } => {
                out.push(WRITE);
                put_bytes(out, collection.as_bytes());
                put_bytes(out, &schema.as_ref().map_or_else(Vec::new, to_json));
                put_u32(out, changes.len());
                for change in changes {
                    encode_change(change, out);
                }
            }
            Act::Mark => {
                out.push(MARK);
                put_bytes(out, b"");
            }
        }
    }
}

/// Reads all records of a frame's payload. `file` is named when the bytes are not what [`Record::encode`] writes.
pub fn decode(file: &str, payload: &[u8]) -> Result<Vec<Record>> {
    let mut cursor = Cursor { bytes: payload, file };
    let mut records = Vec::new();
    while !cursor.bytes.is_empty() {
        let sequence = cursor.u64()?;
        let kind = cursor.u8()?;
        let collection = cursor.string()?;
        let act = match kind {
            DEFINE => Act::Define { collection, identity: cursor.u64()?, schema: Box::new(cursor.json()?) },
            DROP => Act::Drop { collection },
            WRITE => {
                let schema = cursor.bytes()?;
                let schema = if schema.is_empty() { None } else { Some(Box::new(cursor.parse(schema)?)) };
                let count = cursor.u32()?;
                let mut changes = Vec::new();
                for _ in 0..count {
                    changes.push(cursor.change()?);
                }
                Act::Write { collection, schema, changes }
            }
            MARK => Act::Mark,
            other => return Err(Error::corrupt(file, format_args!("unknown record kind {other}"))),
        };
        records.push(Record { sequence, act });
    }
    Ok(records)
}

fn encode_change(change: &Change, out: &mut Vec<u8>) {
    let key = change.key();
    out.push(match change {
        Change::Put(_) => PUT,
        Change::Delete(_) => DELETE,
    });
    put_bytes(out, key.namespace.as_bytes());
    put_bytes(out, key.id.as_bytes());
    let Change::Put(document) = change else { return };
    let flag = |present: bool, bit: u8| if present { bit } else { 0 };
    out.push(
        flag(document.vector.is_some(), HAS_VECTOR)
            | flag(document.text.is_some(), HAS_TEXT)
            | flag(document.metadata.is_some(), HAS_METADATA),
    );
    if let Some(vector) = &document.vector {
        put_u32(out, vector.len());
        for value in vector {
            out.extend_from_slice(&value.to_le_bytes());
        }
    }
    if let Some(text) = &document.text {
        put_bytes(out, &to_json(text));
    }
    if let Some(metadata) = &document.metadata {
        put_bytes(out, metadata.as_bytes());
    }
}

fn to_json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("maps with string keys and finite numbers always serialise")
}

fn put_u32(out: &mut Vec<u8>, value: usize) {
    let value = u32::try_from(value).expect("limits on documents and batches keep every length below 2^32");
    out.extend_from_slice(&value.to_le_bytes());
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_u32(out, bytes.len());
    out.extend_from_slice(bytes);
}

struct Cursor<'a> {
    bytes: &'a [u8],
    file: &'a str,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let Some((head, rest)) = self.bytes.split_at_checked(len) else {
            return Err(Error::corrupt(self.file, "a record ends before its last field"));
        };
        self.bytes = rest;
        Ok(head)
    }

    fn u8(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into().expect("took 4 bytes")))
    }

    fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.take(8)?.try_into().expect("took 8 bytes")))
    }

    fn bytes(&mut self) -> Result<&'a [u8]> {
        let len = self.u32()? as usize;
        self.take(len)
    }

    fn string(&mut self) -> Result<String> {
        let bytes = self.bytes()?;
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err(Error::corrupt(self.file, "a string is not UTF-8")),
        }
    }

    fn parse<T: serde::de::DeserializeOwned>(&self, bytes: &[u8]) -> Result<T> {
        serde_json::from_slice(bytes).map_err(|error| Error::corrupt(self.file, format_args!("bad JSON: {error}")))
    }

    fn json<T: serde::de::DeserializeOwned>(&mut self) -> Result<T> {
        let bytes = self.bytes()?;
        self.parse(bytes)
    }

    fn change(&mut self) -> Result<Change> {
        let kind = self.u8()?;
        let key = Key { namespace: Arc::from(self.string()?), id: Arc::from(self.string()?) };
        match kind {
            DELETE => Ok(Change::Delete(key)),
            PUT => {
                let flags = self.u8()?;
                let vector = if flags & HAS_VECTOR == 0 { None } else { Some(self.vector()?) };
                let text: Option<Text> = if flags & HAS_TEXT == 0 { None } else { Some(self.json()?) };
                let metadata = if flags & HAS_METADATA == 0 { None } else { Some(self.string()?.into_boxed_str()) };
                Ok(Change::Put(Arc::new(Document { key, vector, text, metadata })))
            }
            other => Err(Error::corrupt(self.file, format_args!("unknown change kind {other}"))),
        }
    }

    fn vector(&mut self) -> Result<Box<[f32]>> {
        let len = self.u32()? as usize;
        let Some(bytes) = len.checked_mul(4) else { return Err(Error::corrupt(self.file, "a vector's length")) };
        let bytes = self.take(bytes)?;
        Ok(bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().expect("chunks of 4"))).collect())
    }
}
