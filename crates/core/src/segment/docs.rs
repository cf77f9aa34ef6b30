//! Stored texts of a segment: LZ4 blocks of about 16 KiB, so that one document costs one small block.
//!
//! `docs/bytes` holds the compressed blocks; `docs/blocks` is u64 pairs (start in the uncompressed stream, start in
//! `docs/bytes`), closed by the pair of ends; `docs/offsets` is u64 `[n + 1]`, the rows' texts (JSON; empty means none) in
//! the uncompressed stream. A text lies in one block whole.

use crate::document::Text;
use crate::error::{Error, Result};

const BLOCK_BYTES: usize = 16 * 1024;
/// Texts are limited to 16 MiB; JSON escapes make six bytes of one at worst, and a block ends after the text that fills it.
const MAX_BLOCK_BYTES: usize = 6 * 16 * 1024 * 1024 + 1024 * 1024;

/// Collects texts into blocks and hands each finished block on.
#[derive(Default)]
pub struct DocsWriter {
    block: Vec<u8>,
    stream: u64,
    file: u64,
    index: DocsIndex,
}

/// Where the texts went.
#[derive(Default)]
pub struct DocsIndex {
    /// See the module's text.
    pub blocks: Vec<u64>,
    /// See the module's text.
    pub offsets: Vec<u64>,
}

impl DocsWriter {
    /// Adds the next row's text.
    pub fn push(&mut self, text: Option<&Text>, write: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        self.index.offsets.push(self.stream + self.block.len() as u64);
        if let Some(text) = text {
            serde_json::to_writer(&mut self.block, text).expect("strings always serialise into memory");
        }
        if self.block.len() >= BLOCK_BYTES { self.close(write) } else { Ok(()) }
    }

    /// Ends the stream and returns the index.
    pub fn finish(mut self, write: impl FnMut(&[u8]) -> Result<()>) -> Result<DocsIndex> {
        self.index.offsets.push(self.stream + self.block.len() as u64);
        if !self.block.is_empty() {
            self.close(write)?;
        }
        self.index.blocks.extend([self.stream, self.file]);
        Ok(self.index)
    }

    fn close(&mut self, mut write: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let packed = lz4_flex::block::compress(&self.block);
        self.index.blocks.extend([self.stream, self.file]);
        write(&packed)?;
        self.stream += self.block.len() as u64;
        self.file += packed.len() as u64;
        self.block.clear();
        Ok(())
    }
}

/// Reads the text of `row`. `blocks`, `offsets` and `bytes` are the three sections.
///
/// # Errors
/// `Corrupt` when the sections contradict each other.
pub fn read_text(file: &str, blocks: &[u64], offsets: &[u64], bytes: &[u8], row: u32) -> Result<Option<Text>> {
    let broken = |what: &str| Error::corrupt(file, format_args!("text of row {row}: {what}"));
    let (start, end) = (offsets[row as usize], offsets[row as usize + 1]);
    if start == end {
        return Ok(None);
    }
    let pairs = blocks.len() / 2;
    // The last block that starts at or before the text.
    let (mut low, mut high) = (0, pairs.saturating_sub(1));
    while low + 1 < high {
        let middle = usize::midpoint(low, high);
        if blocks[middle * 2] <= start { low = middle } else { high = middle }
    }
    if low + 1 >= pairs {
        return Err(broken("no block holds it"));
    }
    let (from, packed_from) = (blocks[low * 2], blocks[low * 2 + 1]);
    let (to, packed_to) = (blocks[low * 2 + 2], blocks[low * 2 + 3]);
    if start < from || end < start || end > to {
        return Err(broken("it crosses its block"));
    }
    let packed = usize::try_from(packed_from).ok().zip(usize::try_from(packed_to).ok());
    let packed =
        packed.and_then(|(from, to)| bytes.get(from..to)).ok_or_else(|| broken("its block is outside the file"))?;
    let size = usize::try_from(to - from).ok().filter(|size| *size <= MAX_BLOCK_BYTES);
    let size = size.ok_or_else(|| broken("its block is too large"))?;
    let block = lz4_flex::block::decompress(packed, size).map_err(|error| broken(&error.to_string()))?;
    let json =
        block.get((start - from) as usize..(end - from) as usize).ok_or_else(|| broken("its block is too short"))?;
    serde_json::from_slice(json).map(Some).map_err(|error| broken(&error.to_string()))
}
