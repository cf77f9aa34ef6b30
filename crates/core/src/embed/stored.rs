//! The stored form of a basis, byte by byte. All numbers little-endian.
//!
//! ```text
//!   0  magic    "GNKBASIS"
//!   8  version  u32    1
//!  12  kind     u32    0 hash, 1 LSA; a hash basis has no terms
//!  16  width    u32    components per vector, 128
//!  20  terms    u32    n
//!  24  fitted   u64    documents the fit counted
//!  32  ends     u32×n  where each term's text ends; terms strictly ascending by bytes
//!      scales   f32×n  finite, not negative
//!      codes    i8×(n·128)   component = scale · code
//!      text     UTF-8, the terms without separator
//!      check    u64    XXH3-64 of all before it, in the last eight bytes in every version
//! ```

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use super::hash::HashBasis;
use super::lsa::LsaBasis;
use super::{Basis, DIMENSION};
use crate::error::{Error, ErrorKind, Result};

const MAGIC: &[u8; 8] = b"GNKBASIS";
const FORMAT_VERSION: u32 = 1;
const KIND_HASH: u32 = 0;
const KIND_LSA: u32 = 1;
const HEADER: usize = 32;
const CHECK: usize = 8;

/// The bytes of the hash basis: a header.
pub(super) fn encode_hash() -> Vec<u8> {
    seal(header(KIND_HASH, 0, 0))
}

/// Reads either kind.
pub(super) fn decode(bytes: &[u8]) -> Result<Basis> {
    if bytes.len() < HEADER + CHECK {
        return Err(corrupt(format!("{} bytes are fewer than its header has", bytes.len())));
    }
    if bytes[..8] != MAGIC[..] {
        return Err(corrupt("it does not start with its magic bytes"));
    }
    if checksum(bytes) != xxh3_64(&bytes[..bytes.len() - CHECK]) {
        return Err(corrupt("its checksum does not match"));
    }
    let version = u32_at(bytes, 8);
    if version > FORMAT_VERSION {
        return Err(Error::new(
            ErrorKind::FormatTooNew,
            format!(
                "the embedding basis has format {version}, this build reads up to {FORMAT_VERSION}: update gennaker."
            ),
        )
        .with("version", version));
    }
    match (version, u32_at(bytes, 12)) {
        (FORMAT_VERSION, KIND_HASH) if bytes == encode_hash() => Ok(Basis::Hash(HashBasis)),
        (FORMAT_VERSION, KIND_LSA) => LsaBasis::from_stored(bytes.to_vec()).map(Basis::Lsa),
        (version, kind) => Err(corrupt(format!("version {version} with kind {kind} was never written"))),
    }
}

/// The checksum that sealed `bytes` carry.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    let tail = bytes.last_chunk::<CHECK>().expect("sealed bytes end in a checksum");
    u64::from_le_bytes(*tail)
}

/// Term vectors on their way to bytes, quantized to 8 bits per component with one scale per term.
pub(super) struct TermVectors {
    documents: u64,
    ends: Vec<u8>,
    scales: Vec<u8>,
    codes: Vec<u8>,
    text: String,
}

impl TermVectors {
    pub(super) fn new(documents: u64) -> Self {
        Self { documents, ends: Vec::new(), scales: Vec::new(), codes: Vec::new(), text: String::new() }
    }

    /// Appends a term; terms come strictly ascending.
    pub(super) fn push(&mut self, term: &str, vector: &[f32; DIMENSION]) {
        self.text.push_str(term);
        let largest = vector.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        let scale = largest / 127.0;
        self.ends.extend((self.text.len() as u32).to_le_bytes());
        self.scales.extend(scale.to_le_bytes());
        self.codes.extend(vector.iter().map(|x| {
            let code = if scale > 0.0 { (x / scale).round_ties_even().clamp(-127.0, 127.0) } else { 0.0 };
            code as i8 as u8
        }));
    }

    pub(super) fn encode(self) -> Vec<u8> {
        let mut bytes = header(KIND_LSA, (self.ends.len() / 4) as u32, self.documents);
        bytes.extend(self.ends);
        bytes.extend(self.scales);
        bytes.extend(self.codes);
        bytes.extend(self.text.as_bytes());
        seal(bytes)
    }
}

/// Where the parts of an LSA basis lie in its bytes, every bound verified.
#[derive(Debug)]
pub(super) struct Layout {
    terms: usize,
    scales: usize,
    codes: usize,
    text: Range<usize>,
}

impl Layout {
    /// Finds the parts and verifies all but the terms' text, which [`for_each_term`](Self::for_each_term) does.
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        let width = u32_at(bytes, 16);
        if width as usize != DIMENSION {
            return Err(corrupt(format!("its vectors have {width} components instead of {DIMENSION}")));
        }
        let terms = u32_at(bytes, 20) as usize;
        let end = bytes.len() - CHECK;
        let fixed = terms.checked_mul(4 + 4 + DIMENSION).and_then(|size| size.checked_add(HEADER));
        let Some(text) = fixed.filter(|&start| start <= end) else {
            return Err(corrupt(format!("{} bytes cannot hold {terms} terms", bytes.len())));
        };
        let layout = Self { terms, scales: HEADER + 4 * terms, codes: HEADER + 8 * terms, text: text..end };
        for id in 0..terms {
            let scale = layout.vector(bytes, id).0;
            if !(scale.is_finite() && scale >= 0.0) {
                return Err(corrupt(format!("the scale of term {id} is {scale}")));
            }
        }
        Ok(layout)
    }

    pub(super) fn terms(&self) -> usize {
        self.terms
    }

    /// Calls `visit(id, term)` for every term in order, verifying that they are ascending UTF-8 and fill their part.
    pub(super) fn for_each_term<'b>(&self, bytes: &'b [u8], mut visit: impl FnMut(u32, &'b str)) -> Result<()> {
        let text = &bytes[self.text.clone()];
        let mut previous: Option<&[u8]> = None;
        let mut start = 0;
        for id in 0..self.terms {
            let end = u32_at(bytes, HEADER + 4 * id) as usize;
            let term = text.get(start..end).ok_or_else(|| corrupt(format!("term {id} ends outside its text")))?;
            if previous.is_some_and(|previous| previous >= term) {
                return Err(corrupt(format!("term {id} is out of order")));
            }
            visit(id as u32, str::from_utf8(term).map_err(|_| corrupt(format!("term {id} is not UTF-8")))?);
            (previous, start) = (Some(term), end);
        }
        if start != text.len() {
            return Err(corrupt(format!("{} bytes belong to no term", text.len() - start)));
        }
        Ok(())
    }

    /// Scale and codes of term `id < terms`.
    pub(super) fn vector<'b>(&self, bytes: &'b [u8], id: usize) -> (f32, &'b [u8]) {
        let codes = self.codes + id * DIMENSION;
        (f32::from_bits(u32_at(bytes, self.scales + 4 * id)), &bytes[codes..codes + DIMENSION])
    }
}

fn header(kind: u32, terms: u32, documents: u64) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    for field in [FORMAT_VERSION, kind, DIMENSION as u32, terms] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.extend(documents.to_le_bytes());
    bytes
}

fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let check = xxh3_64(&bytes);
    bytes.extend(check.to_le_bytes());
    bytes
}

/// The number at `offset`, which the caller has shown to lie inside.
fn u32_at(bytes: &[u8], offset: usize) -> u32 {
    let field = bytes[offset..].first_chunk().expect("the caller verified the length");
    u32::from_le_bytes(*field)
}

fn corrupt(what: impl std::fmt::Display) -> Error {
    Error::corrupt("embedding basis", what)
}
