//! The safe face of one level: checks lengths, then jumps.

#![allow(unsafe_code)] // calls functions compiled for CPU features; `Kernels::at` proves them.

use crate::{Level, scalar, table::Table};

/// Longest input of [`Kernels::dot_i8`] and the other `i8` products: 131,071 elements of -128 · -128 still fit an `i32`.
pub const MAX_I8_LENGTH: usize = i32::MAX as usize / (128 * 128);

/// The kernels of one level. Exists only for levels that this CPU can run.
///
/// All results are the same bits on every level; the crate's documentation defines them. Slices need no alignment.
///
/// # Panics
/// Every method panics when its slices do not fit each other: that is a mistake of the caller, whose own door checks dimensions.
pub struct Kernels {
    level: Level,
    table: &'static Table,
}

impl Kernels {
    /// The kernels of `level`, or `None` when this CPU or binary cannot run it.
    pub fn at(level: Level) -> Option<&'static Self> {
        if !level.is_available() {
            return None;
        }
        match level {
            Level::Scalar => Some(const { &Self { level: Level::Scalar, table: &scalar::TABLE } }),
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => Some(const { &Self { level: Level::Avx2, table: &crate::avx2::TABLE } }),
            #[cfg(target_arch = "x86_64")]
            Level::AvxVnni => Some(const { &Self { level: Level::AvxVnni, table: &crate::vnni::TABLE } }),
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => Some(const { &Self { level: Level::Avx512, table: &crate::avx512::TABLE } }),
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Level::Neon => Some(const { &Self { level: Level::Neon, table: &crate::neon::TABLE } }),
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Level::NeonDotprod => Some(const { &Self { level: Level::NeonDotprod, table: &crate::dotprod::TABLE } }),
            _ => None,
        }
    }

    /// The level these kernels run on.
    pub fn level(&self) -> Level {
        self.level
    }

    /// `Σ a·b`: a score, higher is nearer.
    #[track_caller]
    pub fn dot(&self, a: &[f32], b: &[f32]) -> f32 {
        same_length("dot", a.len(), b.len());
        // SAFETY: `at` proved the CPU features of this table.
        unsafe { (self.table.dot)(a, b) }
    }

    /// `Σ (a-b)²`: a distance, lower is nearer; never negative.
    #[track_caller]
    pub fn l2_squared(&self, a: &[f32], b: &[f32]) -> f32 {
        same_length("l2_squared", a.len(), b.len());
        // SAFETY: `at` proved the CPU features of this table.
        unsafe { (self.table.l2_squared)(a, b) }
    }

    /// `Σ |a-b|`: a distance, lower is nearer; never negative.
    #[track_caller]
    pub fn l1(&self, a: &[f32], b: &[f32]) -> f32 {
        same_length("l1", a.len(), b.len());
        // SAFETY: `at` proved the CPU features of this table.
        unsafe { (self.table.l1)(a, b) }
    }

    /// `Σ a²`, the same bits as `dot(a, a)`.
    pub fn norm_squared(&self, a: &[f32]) -> f32 {
        self.dot(a, a)
    }

    /// The cosine of the angle between `a` and `b`: -1 to 1, higher is nearer; 0 when either is a zero vector.
    ///
    /// Three passes. A scan should keep norms, or normalised rows, and use [`Self::dot_many`] with [`cosine_of_parts`].
    #[track_caller]
    pub fn cosine(&self, a: &[f32], b: &[f32]) -> f32 {
        same_length("cosine", a.len(), b.len());
        cosine_of_parts(self.dot(a, b), self.norm_squared(a), self.norm_squared(b))
    }

    /// [`Self::dot`] of `query` with every row: `rows` holds `out.len()` rows of `dimension` floats, one after another.
    ///
    /// `out[i]` has the bits of the single call. `O(rows.len())`, one dispatch.
    #[track_caller]
    pub fn dot_many(&self, query: &[f32], rows: &[f32], dimension: usize, out: &mut [f32]) {
        same_shape("dot_many", query.len(), rows.len(), dimension, out.len());
        // SAFETY: `at` proved the CPU features of this table.
        unsafe { (self.table.dot_many)(query, rows, out) }
    }

    /// [`Self::l2_squared`] of `query` with every row; shapes as in [`Self::dot_many`].
    #[track_caller]
    pub fn l2_squared_many(&self, query: &[f32], rows: &[f32], dimension: usize, out: &mut [f32]) {
        same_shape("l2_squared_many", query.len(), rows.len(), dimension, out.len());
        // SAFETY: `at` proved the CPU features of this table.
        unsafe { (self.table.l2_squared_many)(query, rows, out) }
    }

    /// [`Self::l1`] of `query` with every row; shapes as in [`Self::dot_many`].
    #[track_caller]
    pub fn l1_many(&self, query: &[f32], rows: &[f32], dimension: usize, out: &mut [f32]) {
        same_shape("l1_many", query.len(), rows.len(), dimension, out.len());
        // SAFETY: `at` proved the CPU features of this table.
        unsafe { (self.table.l1_many)(query, rows, out) }
    }

    /// [`Self::dot_many`] for four queries in one pass over `rows`: memory is read once instead of four times.
    ///
    /// `out[q][i]` has the bits of `dot(queries[q], row i)`. With fewer than four queries repeat one, or use `dot_many`.
    #[track_caller]
    pub fn dot_batch4(&self, queries: [&[f32]; 4], rows: &[f32], dimension: usize, out: [&mut [f32]; 4]) {
        for q in 0..4 {
            same_shape("dot_batch4", queries[q].len(), rows.len(), dimension, out[q].len());
        }
        // SAFETY: `at` proved the CPU features of this table.
        unsafe { (self.table.dot_batch4)(queries, rows, out) }
    }

    /// `y += alpha · x`, each element by one fused multiply-add.
    #[track_caller]
    pub fn axpy(&self, alpha: f32, x: &[f32], y: &mut [f32]) {
        same_length("axpy", x.len(), y.len());
        // SAFETY: `at` proved the CPU features of this table.
        unsafe { (self.table.axpy)(alpha, x, y) }
    }

    /// The fast Hadamard transform in place, in natural (Sylvester) order and **unnormalised**: twice gives `n · x`. Scale by
    /// `1/√n` for a rotation. `O(n log n)`; lengths 0 and 1 are left as they are.
    ///
    /// # Panics
    /// When the length is neither 0 nor a power of two.
    #[track_caller]
    pub fn fht(&self, x: &mut [f32]) {
        assert!(x.is_empty() || x.len().is_power_of_two(), "fht: length {} is not a power of two", x.len());
        // SAFETY: `at` proved the CPU features of this table.
        unsafe { (self.table.fht)(x) }
    }

    /// `Σ a·b`, exact.
    ///
    /// # Panics
    /// Also above [`MAX_I8_LENGTH`] elements, where the sum might not fit.
    #[track_caller]
    pub fn dot_i8(&self, a: &[i8], b: &[i8]) -> i32 {
        same_length("dot_i8", a.len(), b.len());
        fits_i32("dot_i8", a.len());
        // SAFETY: `at` proved the CPU features of this table.
        unsafe { (self.table.dot_i8)(a, b) }
    }

    /// `Σ code·query`, exact, with 4-bit codes 0 to 15, two per byte: element `2i` is the low nibble of byte `i`, `2i + 1` the high one.
    ///
    /// `codes` has `query.len().div_ceil(2)` bytes; the spare nibble of an odd length is ignored.
    ///
    /// # Panics
    /// Also above [`MAX_I8_LENGTH`] elements.
    #[track_caller]
    pub fn dot_u4_i8(&self, codes: &[u8], query: &[i8]) -> i32 {
        same_length("dot_u4_i8 (bytes of codes)", codes.len(), query.len().div_ceil(2));
        fits_i32("dot_u4_i8", query.len());
        // SAFETY: `at` proved the CPU features of this table.
        unsafe { (self.table.dot_u4_i8)(codes, query) }
    }

    /// [`Self::dot_u4_i8`] of four rows with one query, which is unpacked once.
    #[track_caller]
    pub fn dot_u4_i8_x4(&self, codes: [&[u8]; 4], query: &[i8]) -> [i32; 4] {
        for row in codes {
            same_length("dot_u4_i8_x4 (bytes of codes)", row.len(), query.len().div_ceil(2));
        }
        fits_i32("dot_u4_i8_x4", query.len());
        // SAFETY: `at` proved the CPU features of this table.
        unsafe { (self.table.dot_u4_i8_x4)(codes, query) }
    }

    /// The number of bits in which `a` and `b` differ; exact below 512 MiB.
    #[track_caller]
    pub fn hamming(&self, a: &[u8], b: &[u8]) -> u32 {
        same_length("hamming", a.len(), b.len());
        // SAFETY: `at` proved the CPU features of this table.
        unsafe { (self.table.hamming)(a, b) }
    }
}

impl std::fmt::Debug for Kernels {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Kernels").field("level", &self.level).finish_non_exhaustive()
    }
}

/// The cosine from a dot product and two squared norms: -1 to 1; 0 when either norm is 0.
///
/// In `f64`, where the product of the norms is exact and cannot overflow, so the order of `a` and `b` does not matter.
pub fn cosine_of_parts(dot: f32, norm_squared_a: f32, norm_squared_b: f32) -> f32 {
    let norms = f64::from(norm_squared_a) * f64::from(norm_squared_b);
    if norms == 0.0 {
        return 0.0;
    }
    (f64::from(dot) / norms.sqrt()).clamp(-1.0, 1.0) as f32
}

#[track_caller]
fn same_length(kernel: &str, a: usize, b: usize) {
    assert!(a == b, "{kernel}: lengths differ: {a} and {b}");
}

#[track_caller]
fn same_shape(kernel: &str, query: usize, rows: usize, dimension: usize, out: usize) {
    assert!(query == dimension, "{kernel}: lengths differ: the query has {query}, the dimension is {dimension}");
    assert!(
        dimension.checked_mul(out) == Some(rows),
        "{kernel}: lengths differ: {rows} floats are not {out} rows of {dimension}"
    );
}

#[track_caller]
fn fits_i32(kernel: &str, length: usize) {
    assert!(length <= MAX_I8_LENGTH, "{kernel}: {length} elements are more than {MAX_I8_LENGTH}, the sum may not fit");
}
