//! The bytes of a log file's header and of a frame.

use std::ops::Range;

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use crate::error::{Error, Result};
use crate::storage::publish::too_new;

/// Version of the log's format.
pub const FORMAT_VERSION: u32 = 1;

const MAGIC: [u8; 8] = *b"gnk-log\n";

/// Magic, version, 4 zeros, salt, number, after, checksum.
pub(super) const HEADER: usize = 48;

/// Length of the whole frame (u32), checksum, salt, first and last sequence, synced-to. The payload follows.
pub(super) const FRAME: usize = 44;

const SALT: Range<usize> = 12..20;

/// The largest payload of one frame, in bytes.
pub(super) const MAX_PAYLOAD: usize = u32::MAX as usize - FRAME;

/// What a file says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) salt: u64,
    pub(super) number: u64,
    /// The file's frames continue after this sequence; all up to it is durable elsewhere.
    pub(super) after: u64,
}

impl Header {
    pub(super) fn encode(self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
        for (at, value) in [(16, self.salt), (24, self.number), (32, self.after)] {
            bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
        }
        let checksum = xxh3_64(&bytes[..40]);
        bytes[40..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// `None` when the bytes are no whole header. The header keeps its layout in every version.
    pub(super) fn decode(file_name: &str, bytes: &[u8]) -> Result<Option<Self>> {
        let Some(bytes) = bytes.first_chunk::<HEADER>() else { return Ok(None) };
        if bytes[..8] != MAGIC || xxh3_64(&bytes[..40]) != word(bytes, 40) {
            return Ok(None);
        }
        let version = u32::from_le_bytes(*bytes[8..].first_chunk().expect("the header is longer"));
        if version > FORMAT_VERSION {
            return Err(too_new(file_name, version, FORMAT_VERSION));
        }
        if version != FORMAT_VERSION {
            return Err(Error::corrupt(file_name, "its version is none that was ever written"));
        }
        Ok(Some(Self { salt: word(bytes, 16), number: word(bytes, 24), after: word(bytes, 32) }))
    }
}

/// One frame; without a payload it only says up to where everything is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    pub(super) first: u64,
    pub(super) last: u64,
    /// All up to this sequence was durable when the frame was written.
    pub(super) synced_to: u64,
    pub(super) payload: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The bytes before the payload, which is at most [`MAX_PAYLOAD`] long.
    pub(super) fn encode_head(&self, salt: u64) -> [u8; FRAME] {
        let mut head = [0; FRAME];
        head[..4].copy_from_slice(&((FRAME + self.payload.len()) as u32).to_le_bytes());
        for (at, value) in [(12, salt), (20, self.first), (28, self.last), (36, self.synced_to)] {
            head[at..at + 8].copy_from_slice(&value.to_le_bytes());
        }
        let checksum = checksum(&head, self.payload);
        head[4..12].copy_from_slice(&checksum.to_le_bytes());
        head
    }

    /// The frame at the start of `bytes`, when it is whole and of the file with this `salt`.
    pub(super) fn decode(bytes: &'a [u8], salt: u64) -> Option<Self> {
        let length = u32::from_le_bytes(*bytes.first_chunk()?) as usize;
        let (head, payload) = bytes.get(..length)?.split_first_chunk::<FRAME>()?;
        if word(head, SALT.start) != salt || word(head, 4) != checksum(head, payload) {
            return None;
        }
        Some(Self { first: word(head, 20), last: word(head, 28), synced_to: word(head, 36), payload })
    }

    pub(super) fn length(&self) -> usize {
        FRAME + self.payload.len()
    }
}

fn word(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(*bytes[at..].first_chunk().expect("callers pass a whole header"))
}

/// Over everything in the frame but the checksum itself.
fn checksum(head: &[u8; FRAME], payload: &[u8]) -> u64 {
    let mut hash = Xxh3::new();
    hash.update(&head[..4]);
    hash.update(&head[12..]);
    hash.update(payload);
    hash.digest()
}

/// Finds the next whole frame at or after `from`, where the one before is bad and its length cannot be trusted.
/// `Err` when so many places look like frames that somebody must have made them: the work stays linear.
pub(super) fn find_next(bytes: &[u8], from: usize, salt: u64) -> Result<Option<usize>, ()> {
    let mut budget = bytes.len().saturating_mul(4);
    let salt_bytes = salt.to_le_bytes();
    let mut at = from;
    while let Some(found) = bytes.get(at + SALT.start..).and_then(|rest| position(rest, salt_bytes)) {
        at += found;
        if Frame::decode(&bytes[at..], salt).is_some() {
            return Ok(Some(at));
        }
        let length = bytes[at..].first_chunk().map_or(0, |length| u32::from_le_bytes(*length) as usize);
        budget = budget.checked_sub(if length > bytes.len() - at { 1 } else { length }).ok_or(())?;
        at += 1;
    }
    Ok(None)
}

fn position(bytes: &[u8], wanted: [u8; 8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_and_headers_come_back() {
        let header = Header { salt: 1, number: 2, after: 3 };
        assert_eq!(Header::decode("log", &header.encode()).unwrap(), Some(header));
        let frame = Frame { first: 4, last: 6, synced_to: 3, payload: b"payload" };
        let bytes = [&frame.encode_head(9)[..], frame.payload, b"more"].concat();
        assert_eq!(Frame::decode(&bytes, 9), Some(frame));
        assert_eq!(Frame::decode(&bytes, 8), None);
        assert_eq!(Frame::decode(&[0; 100], 0), None);
    }

    #[test]
    fn a_newer_header_is_told_apart_from_damage() {
        let mut bytes = Header { salt: 1, number: 2, after: 3 }.encode();
        bytes[8] += 1;
        assert_eq!(Header::decode("log", &bytes).unwrap(), None);
        let checksum = xxh3_64(&bytes[..40]);
        bytes[40..].copy_from_slice(&checksum.to_le_bytes());
        assert_eq!(Header::decode("log", &bytes).unwrap_err().kind(), crate::error::ErrorKind::FormatTooNew);
    }

    #[test]
    fn the_search_for_the_next_frame_ends_on_hostile_bytes() {
        let salt = 0x0101_0101_0101_0101;
        assert_eq!(find_next(&[1; 1 << 20], 0, salt), Ok(None));
        // Every place claims to be a frame of 64 KiB.
        let mut hostile = vec![1; 1 << 20];
        hostile.chunks_exact_mut(24).for_each(|chunk| chunk[..4].copy_from_slice(&[0, 0, 1, 0]));
        assert_eq!(find_next(&hostile, 0, salt), Err(()));
    }
}
