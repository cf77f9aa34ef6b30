//! The bytes of the table of contents and the footer.

use std::collections::BTreeMap;
use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};
use crate::storage::publish::too_new;

/// Version of the container format. Each version keeps one committed fixture, forever.
pub const FORMAT_VERSION: u32 = 1;

/// What a container holds, for example `*b"SEGM"`: a file of another kind in its place is damage.
pub type Kind = [u8; 4];

/// Sections start at multiples of this: a cache line, and the widest vector register.
pub(super) const ALIGNMENT: u64 = 64;

const MAGIC: [u8; 8] = *b"gennaker";
const FOOTER: usize = 64;
/// An entry without its name: name length, offset, length, checksum.
const ENTRY: usize = 2 + 8 + 8 + 8;

/// One section as the table of contents has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) offset: u64,
    pub(super) length: u64,
    pub(super) checksum: u64,
}

/// The table of contents: sections by name.
pub(super) type Table = BTreeMap<String, Entry>;

/// What stands between `end` and the next section.
pub(super) fn padding(end: u64) -> usize {
    (end.wrapping_neg() % ALIGNMENT) as usize
}

/// Table and footer for a file whose sections, padded, end at `offset`; and the fingerprint.
pub(super) fn encode_end(kind: Kind, offset: u64, table: &Table) -> (Vec<u8>, u64) {
    let mut bytes = (table.len() as u32).to_le_bytes().to_vec();
    for (name, entry) in table {
        bytes.extend_from_slice(&(name.len() as u16).to_le_bytes());
        bytes.extend_from_slice(name.as_bytes());
        for value in [entry.offset, entry.length, entry.checksum] {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
    }
    let (length, checksum) = (bytes.len() as u64, xxh3_64(&bytes));
    let footer = bytes.len();
    for value in [offset, length, checksum, offset + length + FOOTER as u64] {
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    bytes.extend_from_slice(&kind);
    bytes.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
    bytes.extend_from_slice(&[0; 8]);
    bytes.extend_from_slice(&MAGIC);
    let fingerprint = xxh3_64(&bytes[footer..]);
    bytes.extend_from_slice(&fingerprint.to_le_bytes());
    (bytes, fingerprint)
}

/// The checked end of a file.
pub(super) struct End {
    pub(super) table: Table,
    /// Where the sections, padded, end.
    pub(super) offset: u64,
    pub(super) fingerprint: u64,
}

/// Reads and checks footer and table; touches no section.
pub(super) fn decode_end(file: &[u8], file_name: &str, kind: Kind) -> Result<End> {
    let corrupt = |what: &str| Error::corrupt(file_name, what);
    let Some((body, footer)) = file.split_last_chunk::<FOOTER>() else {
        return Err(corrupt("it is too short"));
    };
    let word = |i: usize| u64::from_le_bytes(*footer[i * 8..].first_chunk().expect("the footer has eight words"));
    let fingerprint = word(7);
    if footer[48..56] != MAGIC || xxh3_64(&footer[..56]) != fingerprint {
        return Err(corrupt("its footer is cut or changed"));
    }
    // The footer keeps its layout in every version, so a newer one is recognised only when its checksum is right.
    let version = u32::from_le_bytes(*footer[36..].first_chunk().expect("the footer is longer"));
    if version > FORMAT_VERSION {
        return Err(too_new(file_name, version, FORMAT_VERSION));
    }
    if version != FORMAT_VERSION || footer[40..48] != [0; 8] {
        return Err(corrupt("its version is none that was ever written"));
    }
    if footer[32..36] != kind {
        let found = footer[32..36].escape_ascii();
        return Err(Error::corrupt(file_name, format_args!("it holds {found} where {} belongs", kind.escape_ascii())));
    }
    let (offset, length) = (word(0), word(1));
    if word(3) != file.len() as u64 || offset.checked_add(length) != Some(body.len() as u64) || offset % ALIGNMENT != 0
    {
        return Err(corrupt("its length is not the one that was written"));
    }
    let table = &body[offset as usize..];
    if xxh3_64(table) != word(2) {
        return Err(corrupt("its table of contents is changed"));
    }
    let table = decode_table(table, offset).ok_or_else(|| corrupt("its table of contents makes no sense"))?;
    Ok(End { table, offset, fingerprint })
}

/// The table, when it is exactly what a writer makes: sorted unique names, sections one after the other up to `end`.
fn decode_table(bytes: &[u8], end: u64) -> Option<Table> {
    let (count, mut rest) = bytes.split_first_chunk::<4>()?;
    let count = u32::from_le_bytes(*count) as usize;
    if count > rest.len() / ENTRY {
        return None;
    }
    let mut word = |n: usize| -> Option<&[u8]> {
        let (taken, after) = rest.split_at_checked(n)?;
        rest = after;
        Some(taken)
    };
    let mut table = Table::new();
    for _ in 0..count {
        let length = u16::from_le_bytes(word(2)?.try_into().ok()?);
        let name = std::str::from_utf8(word(usize::from(length))?).ok()?.to_owned();
        let mut number = || Some(u64::from_le_bytes(word(8)?.try_into().ok()?));
        let entry = Entry { offset: number()?, length: number()?, checksum: number()? };
        if name.is_empty() || table.last_key_value().is_some_and(|(last, _)| *last >= name) {
            return None;
        }
        table.insert(name, entry);
    }
    (word(1).is_none() && covers(&table, end)).then_some(table)
}

/// Whether the sections lie one after the other, each aligned, with nothing else before `end`.
fn covers(table: &Table, end: u64) -> bool {
    let mut spans: Vec<Range<u64>> = Vec::with_capacity(table.len());
    for entry in table.values() {
        let Some(stop) = entry.offset.checked_add(entry.length) else { return false };
        spans.push(entry.offset..stop);
    }
    spans.sort_unstable_by_key(|span| (span.start, span.end));
    let mut at = 0;
    for span in spans {
        if span.start != at || span.end > end {
            return false;
        }
        at = span.end + padding(span.end) as u64;
    }
    at == end
}
