//! The integer kernels over blocks of `N` bytes, written once for every instruction set.
//!
//! Sums wrap modulo 2³², which is exact whenever the true result fits; the last, shorter block is padded with zeros, which add
//! nothing. `inline(always)` and free of closures for the reason given in `lanes`.

#![cfg_attr(not(any(target_arch = "x86_64", target_arch = "aarch64")), allow(dead_code))]

/// An instruction set that works on `N` bytes at a time. A value is the proof that the CPU has it.
pub(crate) trait Bytes<const N: usize>: Copy {
    /// Lanes of 32-bit sums.
    type Sum: Copy;
    /// `2 * N` elements of a query, even and odd ones apart, as they meet the low and high nibbles of `N` codes.
    type Split: Copy;
    fn zero(self) -> Self::Sum;
    /// Adds `a · b`. Two sums, because one instruction set needs to subtract the second from the first.
    fn add_i8(self, sums: [Self::Sum; 2], a: &[i8; N], b: &[i8; N]) -> [Self::Sum; 2];
    /// The total of what [`Self::add_i8`] built.
    fn total_i8(self, sums: [Self::Sum; 2]) -> i32;
    fn split(self, query: &[[i8; N]; 2]) -> Self::Split;
    fn add_u4(self, sum: Self::Sum, codes: &[u8; N], query: Self::Split) -> Self::Sum;
    /// Adds the number of bits in which `a` and `b` differ.
    fn add_different_bits(self, sum: Self::Sum, a: &[u8; N], b: &[u8; N]) -> Self::Sum;
    fn total(self, sum: Self::Sum) -> i32;
}

#[inline(always)]
pub(crate) fn dot_i8<S: Bytes<N>, const N: usize>(simd: S, a: &[i8], b: &[i8]) -> i32 {
    let ((a_blocks, a_tail), (b_blocks, b_tail)) = (a.as_chunks::<N>(), b.as_chunks::<N>());
    let mut sums = [simd.zero(); 2];
    for (a, b) in a_blocks.iter().zip(b_blocks) {
        sums = simd.add_i8(sums, a, b);
    }
    if !a_tail.is_empty() {
        sums = simd.add_i8(sums, &padded(a_tail), &padded(b_tail));
    }
    simd.total_i8(sums)
}

/// `R` rows of 4-bit codes against one query, whose split is shared.
#[inline(always)]
pub(crate) fn dot_u4_i8<S: Bytes<N>, const N: usize, const R: usize>(
    simd: S,
    codes: [&[u8]; R],
    query: &[i8],
) -> [i32; R] {
    let (query_blocks, _) = query.as_chunks::<N>();
    let (query_blocks, _) = query_blocks.as_chunks::<2>();
    let query_tail = &query[query_blocks.len() * 2 * N..];
    let full = query_blocks.len();
    let mut code_blocks: [&[[u8; N]]; R] = [&[]; R];
    let mut code_tails: [&[u8]; R] = [&[]; R];
    for r in 0..R {
        let (blocks, tail) = codes[r][..query.len().div_ceil(2)].split_at(full * N);
        (code_blocks[r], code_tails[r]) = (&blocks.as_chunks::<N>().0[..full], tail);
    }

    let mut sums = [simd.zero(); R];
    for i in 0..full {
        let split = simd.split(&query_blocks[i]);
        for r in 0..R {
            sums[r] = simd.add_u4(sums[r], &code_blocks[r][i], split);
        }
    }
    if !query_tail.is_empty() {
        let mut block = [[0; N]; 2];
        block.as_flattened_mut()[..query_tail.len()].copy_from_slice(query_tail);
        let split = simd.split(&block);
        for r in 0..R {
            sums[r] = simd.add_u4(sums[r], &padded(code_tails[r]), split);
        }
    }
    let mut totals = [0; R];
    for r in 0..R {
        totals[r] = simd.total(sums[r]);
    }
    totals
}

#[inline(always)]
pub(crate) fn hamming<S: Bytes<N>, const N: usize>(simd: S, a: &[u8], b: &[u8]) -> u32 {
    let ((a_blocks, a_tail), (b_blocks, b_tail)) = (a.as_chunks::<N>(), b.as_chunks::<N>());
    let mut sum = simd.zero();
    for (a, b) in a_blocks.iter().zip(b_blocks) {
        sum = simd.add_different_bits(sum, a, b);
    }
    if !a_tail.is_empty() {
        sum = simd.add_different_bits(sum, &padded(a_tail), &padded(b_tail));
    }
    simd.total(sum).cast_unsigned()
}

/// `tail`, at most `N` long, with zeros behind it.
#[inline(always)]
fn padded<T: Copy + Default, const N: usize>(tail: &[T]) -> [T; N] {
    let mut block = [T::default(); N];
    block[..tail.len()].copy_from_slice(tail);
    block
}
