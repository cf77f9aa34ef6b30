//! The `f32` sums over 16 lanes, written once for every instruction set.
//!
//! All is `inline(always)` and free of closures: intrinsics melt only into callers that carry their CPU features, and those are
//! the entry points of each level.

#![cfg_attr(not(any(target_arch = "x86_64", target_arch = "aarch64")), allow(dead_code))]

/// Width of the definition in the crate's documentation, whatever the width of the registers.
pub(crate) const LANES: usize = 16;

/// An instruction set that can sum in 16 lanes. A value is the proof that the CPU has it.
pub(crate) trait Lanes: Copy {
    /// 16 floats in one or more registers.
    type F32: Copy;
    fn zero(self) -> Self::F32;
    fn load(self, from: &[f32; LANES]) -> Self::F32;
    /// Fewer than 16 floats; the lanes behind them are `+0.0`.
    fn load_tail(self, from: &[f32]) -> Self::F32;
    fn store(self, a: Self::F32, to: &mut [f32; LANES]);
    /// `a * b + c`, rounded once.
    fn mul_add(self, a: Self::F32, b: Self::F32, c: Self::F32) -> Self::F32;
    fn add(self, a: Self::F32, b: Self::F32) -> Self::F32;
    fn sub(self, a: Self::F32, b: Self::F32) -> Self::F32;
    fn abs(self, a: Self::F32) -> Self::F32;
    /// The stages `h` = 1, 2, 4, 8 of a Hadamard transform: lane `j` becomes `lane[j] + lane[j + h]` where bit `h` of `j` is clear,
    /// else `lane[j - h] - lane[j]`, which is the same as its partner plus its own negative.
    fn hadamard(self, a: Self::F32) -> Self::F32;
    /// Halves 16 lanes to one: `lane[j] + lane[j + h]` for `h` = 8, 4, 2, 1.
    fn sum(self, a: Self::F32) -> f32;
}

/// What one pair of elements adds to its lane.
pub(crate) trait Term {
    fn add<S: Lanes>(simd: S, lane: S::F32, a: S::F32, b: S::F32) -> S::F32;
}

/// `a * b`: the dot product.
pub(crate) enum Product {}
/// `(a - b)²`: the squared Euclidean distance.
pub(crate) enum Square {}
/// `|a - b|`: the Manhattan distance.
pub(crate) enum Difference {}

impl Term for Product {
    #[inline(always)]
    fn add<S: Lanes>(simd: S, lane: S::F32, a: S::F32, b: S::F32) -> S::F32 {
        simd.mul_add(a, b, lane)
    }
}

impl Term for Square {
    #[inline(always)]
    fn add<S: Lanes>(simd: S, lane: S::F32, a: S::F32, b: S::F32) -> S::F32 {
        let difference = simd.sub(a, b);
        simd.mul_add(difference, difference, lane)
    }
}

impl Term for Difference {
    #[inline(always)]
    fn add<S: Lanes>(simd: S, lane: S::F32, a: S::F32, b: S::F32) -> S::F32 {
        simd.add(lane, simd.abs(simd.sub(a, b)))
    }
}

/// One sum over two vectors.
#[inline(always)]
pub(crate) fn pair<S: Lanes, T: Term>(simd: S, a: &[f32], b: &[f32]) -> f32 {
    let [[sum]] = grid::<S, T, 1, 1>(simd, [a], b);
    sum
}

/// One sum per row of `rows`, each `query.len()` wide, `R` rows at a time.
#[inline(always)]
pub(crate) fn many<S: Lanes, T: Term, const R: usize>(simd: S, query: &[f32], rows: &[f32], out: &mut [f32]) {
    if query.is_empty() {
        return out.fill(0.0);
    }
    let mut blocks = rows.chunks_exact(query.len() * R);
    let mut sums = out.chunks_exact_mut(R);
    for (block, sums) in (&mut blocks).zip(&mut sums) {
        let [block_sums] = grid::<S, T, 1, R>(simd, [query], block);
        sums.copy_from_slice(&block_sums);
    }
    for (row, sum) in blocks.remainder().chunks_exact(query.len()).zip(sums.into_remainder()) {
        *sum = pair::<S, T>(simd, query, row);
    }
}

/// [`many`] for four queries of equal length in one pass over `rows`.
#[inline(always)]
pub(crate) fn batch4<S: Lanes, T: Term, const R: usize>(
    simd: S,
    queries: [&[f32]; 4],
    rows: &[f32],
    out: [&mut [f32]; 4],
) {
    let dimension = queries[0].len();
    if dimension == 0 {
        for out in out {
            out.fill(0.0);
        }
        return;
    }
    let blocks = rows.chunks_exact(dimension * R);
    let rest = blocks.remainder();
    let done = rows.len() / (dimension * R) * R;
    for (i, block) in blocks.enumerate() {
        let sums = grid::<S, T, 4, R>(simd, queries, block);
        for q in 0..4 {
            out[q][i * R..][..R].copy_from_slice(&sums[q]);
        }
    }
    for (i, row) in rest.chunks_exact(dimension).enumerate() {
        let sums = grid::<S, T, 4, 1>(simd, queries, row);
        for q in 0..4 {
            out[q][done + i] = sums[q][0];
        }
    }
}

/// `Q` queries against the `R` rows of `block`. Every sum has lanes of its own, so its bits do not depend on `Q` and `R`; side by
/// side they hide the latency of the multiply-adds that a single sum would wait for.
#[inline(always)]
fn grid<S: Lanes, T: Term, const Q: usize, const R: usize>(
    simd: S,
    queries: [&[f32]; Q],
    block: &[f32],
) -> [[f32; R]; Q] {
    let dimension = queries[0].len();
    let full = dimension / LANES;
    let mut query_chunks: [&[[f32; LANES]]; Q] = [&[]; Q];
    let mut query_tails: [&[f32]; Q] = [&[]; Q];
    for q in 0..Q {
        let (chunks, tail) = queries[q][..dimension].as_chunks::<LANES>();
        (query_chunks[q], query_tails[q]) = (&chunks[..full], tail);
    }
    let mut row_chunks: [&[[f32; LANES]]; R] = [&[]; R];
    let mut row_tails: [&[f32]; R] = [&[]; R];
    for r in 0..R {
        let (chunks, tail) = block[r * dimension..][..dimension].as_chunks::<LANES>();
        (row_chunks[r], row_tails[r]) = (&chunks[..full], tail);
    }

    let mut lanes = [[simd.zero(); R]; Q];
    for i in 0..full {
        let mut rows = [simd.zero(); R];
        for r in 0..R {
            rows[r] = simd.load(&row_chunks[r][i]);
        }
        for q in 0..Q {
            let query = simd.load(&query_chunks[q][i]);
            for r in 0..R {
                lanes[q][r] = T::add(simd, lanes[q][r], query, rows[r]);
            }
        }
    }
    if !query_tails[0].is_empty() {
        for r in 0..R {
            let row = simd.load_tail(row_tails[r]);
            for q in 0..Q {
                lanes[q][r] = T::add(simd, lanes[q][r], simd.load_tail(query_tails[q]), row);
            }
        }
    }
    let mut sums = [[0.0; R]; Q];
    for q in 0..Q {
        for r in 0..R {
            sums[q][r] = simd.sum(lanes[q][r]);
        }
    }
    sums
}
