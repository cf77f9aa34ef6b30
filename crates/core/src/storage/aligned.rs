//! Heap bytes that start at a multiple of 64, as sections of a mapped file do, so that a column is cast and not copied.

use std::io;

const ALIGNMENT: usize = 64;
const WORD: usize = size_of::<u64>();

/// Bytes that never move; the first lies at a multiple of 64.
pub(super) struct AlignedBytes {
    words: Vec<u64>,
    start: usize,
    length: usize,
}

impl AlignedBytes {
    /// `length` zeros. A size that memory cannot hold is an error of kind `OutOfMemory`, not an abort.
    pub(super) fn zeroed(length: usize) -> io::Result<Self> {
        let count = length.div_ceil(WORD) + ALIGNMENT / WORD - 1;
        let mut words: Vec<u64> = Vec::new();
        words.try_reserve_exact(count).map_err(|e| io::Error::new(io::ErrorKind::OutOfMemory, e))?;
        words.resize(count, 0);
        let start = (ALIGNMENT - words.as_ptr() as usize % ALIGNMENT) % ALIGNMENT;
        Ok(Self { words, start, length })
    }

    /// A copy of `bytes`.
    pub(super) fn copy_of(bytes: &[u8]) -> io::Result<Self> {
        let mut copy = Self::zeroed(bytes.len())?;
        copy.as_mut().copy_from_slice(bytes);
        Ok(copy)
    }
}

impl super::vfs::sealed::Sealed for AlignedBytes {}
impl super::vfs::StableBytes for AlignedBytes {}

impl AsRef<[u8]> for AlignedBytes {
    fn as_ref(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[self.start..self.start + self.length]
    }
}

impl AsMut<[u8]> for AlignedBytes {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut bytemuck::cast_slice_mut(&mut self.words)[self.start..self.start + self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_is_aligned_and_holds_its_bytes() {
        for length in (0..200).chain([4096, 65_537]) {
            let bytes: Vec<u8> = (0..length).map(|i| i as u8).collect();
            let copy = AlignedBytes::copy_of(&bytes).unwrap();
            assert_eq!(copy.as_ref(), bytes);
            assert_eq!(copy.as_ref().as_ptr() as usize % ALIGNMENT, 0);
        }
    }
}
