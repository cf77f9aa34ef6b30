//! How many counted words each row has in each field, exactly: tantivy would round them to a byte.

use std::ops::Range;

use super::SectionBytes;
use crate::error::{Error, Result};

/// Rows per block of prefix sums.
const BLOCK: usize = 256;
/// Bytes of one prefix entry: sum of lengths and number of rows with words, before the block.
const PREFIX: usize = 16;
/// Bytes before the first field: number of fields, number of rows.
const HEADER: usize = 8;

/// The lengths of one field by row.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lengths<'a> {
    /// Little-endian u32 per row.
    rows: &'a [[u8; 4]],
    /// Two little-endian u64 per block and one pair for the end; empty when there are no prefix sums.
    prefix: &'a [[u8; PREFIX]],
}

impl<'a> Lengths<'a> {
    /// Lengths without prefix sums: [`sum`](Self::sum) walks the rows.
    #[must_use]
    pub fn new(rows: &'a [[u8; 4]]) -> Self {
        Self { rows, prefix: &[] }
    }

    /// Counted words in `row`; 0 when it has none or does not exist.
    #[must_use]
    pub fn get(self, row: u32) -> u32 {
        self.rows.get(row as usize).map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    /// Sum over `rows`, and in how many of them the length is not 0. O(256) for a sealed part, else O(rows).
    #[must_use]
    pub fn sum(self, rows: Range<u32>) -> (u64, u64) {
        let end = (rows.end as usize).min(self.rows.len());
        let start = (rows.start as usize).min(end);
        let (first, last) = (start.div_ceil(BLOCK), end / BLOCK);
        let (Some(from), Some(to), true) = (self.prefix.get(first), self.prefix.get(last), first < last) else {
            return self.walk(start..end);
        };
        let (from, to) = (entry(from), entry(to));
        let (head, tail) = (self.walk(start..first * BLOCK), self.walk(last * BLOCK..end));
        (
            to.0.wrapping_sub(from.0).wrapping_add(head.0).wrapping_add(tail.0),
            to.1.wrapping_sub(from.1).wrapping_add(head.1).wrapping_add(tail.1),
        )
    }

    fn walk(self, rows: Range<usize>) -> (u64, u64) {
        let lengths = self.rows[rows].iter().map(|bytes| u64::from(u32::from_le_bytes(*bytes)));
        lengths.fold((0, 0), |(sum, some), length| (sum + length, some + u64::from(length > 0)))
    }
}

fn entry(bytes: &[u8; PREFIX]) -> (u64, u64) {
    let both = u128::from_le_bytes(*bytes);
    (both as u64, (both >> 64) as u64)
}

/// The bytes of a section: u32 fields, u32 rows, then per field its prefix sums (u64 sum and u64 rows with words, for
/// every block of 256 rows and for the end) and its lengths (u32 per row). Little-endian.
#[must_use]
pub fn encode(fields: &[Vec<[u8; 4]>]) -> Vec<u8> {
    let rows = fields.first().map_or(0, Vec::len);
    let mut out = Vec::with_capacity(HEADER + fields.len() * (PREFIX * (rows / BLOCK + 1) + 4 * rows));
    out.extend_from_slice(&u32::try_from(fields.len()).expect("far fewer fields than u32 counts").to_le_bytes());
    out.extend_from_slice(&u32::try_from(rows).expect("rows are numbered by u32").to_le_bytes());
    for lengths in fields {
        let (mut sum, mut some) = (0, 0);
        for block in lengths.chunks(BLOCK).chain(rows.is_multiple_of(BLOCK).then_some(&[][..])) {
            out.extend_from_slice(&u64::to_le_bytes(sum));
            out.extend_from_slice(&u64::to_le_bytes(some));
            let (block_sum, block_some) = Lengths::new(block).walk(0..block.len());
            sum += block_sum;
            some += block_some;
        }
        out.extend_from_slice(lengths.as_flattened());
    }
    out
}

/// A decoded section; its bytes are read in place.
#[derive(Debug, Clone)]
pub struct StoredLengths {
    bytes: SectionBytes,
    fields: usize,
    rows: u32,
}

impl StoredLengths {
    /// Checks the header against the number of bytes. `section` names it in errors.
    ///
    /// # Errors
    /// `Corrupt` when the bytes are not as many as the header asks for.
    pub fn open(section: &str, bytes: SectionBytes) -> Result<Self> {
        let (words, _) = bytes.as_chunks::<4>();
        let &[fields, rows, ..] = words else {
            return Err(Error::corrupt(section, format_args!("{} bytes are no header", bytes.len())));
        };
        let (fields, rows) = (u32::from_le_bytes(fields), u32::from_le_bytes(rows));
        let expected = u128::from(fields) * field_bytes(rows) as u128 + HEADER as u128;
        if expected != bytes.len() as u128 {
            return Err(Error::corrupt(
                section,
                format_args!("{fields} fields of {rows} rows take {expected} bytes, it has {}", bytes.len()),
            ));
        }
        Ok(Self { bytes, fields: fields as usize, rows })
    }

    /// Number of fields.
    #[must_use]
    pub fn fields(&self) -> usize {
        self.fields
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.rows
    }

    /// The lengths of the field at index `field`; empty when there is none.
    #[must_use]
    pub fn field(&self, field: usize) -> Lengths<'_> {
        if field >= self.fields {
            return Lengths::default();
        }
        let start = HEADER + field * field_bytes(self.rows);
        let blocks = self.rows as usize / BLOCK + 1;
        let (prefix, rows) = self.bytes[start..start + field_bytes(self.rows)].split_at(blocks * PREFIX);
        Lengths { rows: rows.as_chunks().0, prefix: prefix.as_chunks().0 }
    }
}

fn field_bytes(rows: u32) -> usize {
    let rows = rows as usize;
    PREFIX * (rows / BLOCK + 1) + 4 * rows
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::ErrorKind;

    proptest! {
        #[test]
        fn stored_sums_equal_walked_ones(
            lengths in prop::collection::vec(prop_oneof![Just(0u32), 0..5u32, any::<u32>()], 0..1500),
            from in 0..1600u32, to in 0..1600u32,
        ) {
            let rows: Vec<[u8; 4]> = lengths.iter().map(|length| length.to_le_bytes()).collect();
            let fields = [vec![[0; 4]; rows.len()], rows];
            let stored = StoredLengths::open("text/lengths", SectionBytes::new(encode(&fields))).unwrap();
            prop_assert_eq!((stored.fields(), stored.rows() as usize), (2, lengths.len()));
            let (field, end) = (stored.field(1), (to as usize).min(lengths.len()));
            let part = &lengths[(from as usize).min(end)..end];
            let expected = (part.iter().map(|&l| u64::from(l)).sum(), part.iter().filter(|&&l| l > 0).count() as u64);
            prop_assert_eq!(field.sum(from..to), expected);
            prop_assert_eq!(Lengths::new(&fields[1]).sum(from..to), expected);
            prop_assert_eq!(stored.field(0).sum(from..to), (0, 0));
            for (row, &length) in lengths.iter().enumerate() {
                prop_assert_eq!(field.get(row as u32), length);
            }
            prop_assert_eq!(field.get(u32::MAX), 0);
        }

        #[test]
        fn bytes_of_another_number_are_corrupt(rows in 0..600usize, change in prop_oneof![-5000..0i64, 1..100i64]) {
            let mut bytes = encode(&[vec![[1; 4]; rows], vec![[0; 4]; rows]]);
            bytes.resize(usize::try_from(bytes.len() as i64 + change).unwrap_or(0), 0);
            let opened = StoredLengths::open("text/lengths", SectionBytes::new(bytes));
            prop_assert_eq!(opened.unwrap_err().kind(), ErrorKind::Corrupt);
        }
    }

    #[test]
    fn a_header_that_asks_for_everything_is_corrupt() {
        let error = StoredLengths::open("text/lengths", SectionBytes::new(vec![0xFF; 64])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt);
    }
}
