//! NEON with `sdot`: floats as in `neon`, and four byte products per 32-bit lane in one instruction.

#![allow(unsafe_code)] // inline assembly and intrinsics that need the features that a value of `Dotprod` proves.

use std::arch::aarch64::*;
use std::arch::asm;

use crate::bytes::Bytes;
use crate::neon::Neon;
use crate::table::{Table, integer_entry_points, table};

pub(crate) static TABLE: Table = table!(crate::neon::float, crate::dotprod::integer);

integer_entry_points!(Dotprod, "neon,dotprod");

/// Proof that the CPU has `sdot` too: only functions compiled for it can make one safely.
#[derive(Clone, Copy)]
pub(crate) struct Dotprod(Neon);

impl Dotprod {
    #[inline]
    #[target_feature(enable = "neon,dotprod")]
    pub(crate) fn new() -> Self {
        Self(Neon::new())
    }
}

/// Adds to each 32-bit lane the four products of its bytes. Assembly, because `vdotq_s32` is not stable in Rust 1.95.
#[inline]
#[target_feature(enable = "neon,dotprod")]
fn sdot(mut sum: int32x4_t, a: int8x16_t, b: int8x16_t) -> int32x4_t {
    // SAFETY: reads and writes the named registers only; the attribute above enables the instruction.
    unsafe {
        asm!(
            "sdot {sum:v}.4s, {a:v}.16b, {b:v}.16b",
            sum = inout(vreg) sum,
            a = in(vreg) a,
            b = in(vreg) b,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    sum
}

impl Bytes<16> for Dotprod {
    type Sum = int32x4_t;
    type Split = int8x16x2_t;

    #[inline(always)]
    fn zero(self) -> int32x4_t {
        Bytes::zero(self.0)
    }

    #[inline(always)]
    fn add_i8(self, sums: [int32x4_t; 2], a: &[i8; 16], b: &[i8; 16]) -> [int32x4_t; 2] {
        let (a, b) = (self.0.load_signed(a), self.0.load_signed(b));
        // SAFETY: `self` proves NEON and `sdot`.
        [unsafe { sdot(sums[0], a, b) }, sums[1]]
    }

    #[inline(always)]
    fn total_i8(self, sums: [int32x4_t; 2]) -> i32 {
        self.0.total_i8(sums)
    }

    #[inline(always)]
    fn split(self, query: &[[i8; 16]; 2]) -> int8x16x2_t {
        self.0.split(query)
    }

    #[inline(always)]
    fn add_u4(self, sum: int32x4_t, codes: &[u8; 16], query: int8x16x2_t) -> int32x4_t {
        let [low, high] = self.0.nibbles(codes);
        // SAFETY: `self` proves NEON and `sdot`.
        unsafe { sdot(sdot(sum, low, query.0), high, query.1) }
    }

    #[inline(always)]
    fn add_different_bits(self, sum: int32x4_t, a: &[u8; 16], b: &[u8; 16]) -> int32x4_t {
        self.0.add_different_bits(sum, a, b)
    }

    #[inline(always)]
    fn total(self, sum: int32x4_t) -> i32 {
        self.0.total(sum)
    }
}
