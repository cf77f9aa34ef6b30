//! AArch64 NEON: 16 float lanes as four registers of 4, 16 bytes at a time.

#![allow(unsafe_code)] // CPU intrinsics: every one needs the features that a value of `Neon` proves.

use std::arch::aarch64::*;

use crate::bytes::Bytes;
use crate::lanes::{LANES, Lanes};
use crate::table::{Table, float_entry_points, integer_entry_points, table};

pub(crate) static TABLE: Table = table!(crate::neon::float, crate::neon::integer);

float_entry_points!(Neon, "neon", rows = 4, batch_rows = 1);
integer_entry_points!(Neon, "neon");

/// Proof that the CPU has NEON: only functions compiled for it can make one safely.
#[derive(Clone, Copy)]
pub(crate) struct Neon(());

impl Neon {
    #[inline]
    #[target_feature(enable = "neon")]
    pub(crate) fn new() -> Self {
        Self(())
    }

    #[inline(always)]
    pub(crate) fn load_signed(self, from: &[i8; 16]) -> int8x16_t {
        // SAFETY: `self` proves NEON; the reference covers the 16 bytes read.
        unsafe { vld1q_s8(from.as_ptr()) }
    }

    #[inline(always)]
    fn load_bytes(self, from: &[u8; 16]) -> uint8x16_t {
        // SAFETY: `self` proves NEON; the reference covers the 16 bytes read.
        unsafe { vld1q_u8(from.as_ptr()) }
    }

    /// The low and the high nibble of every byte; at most 15, so signed as well as unsigned.
    #[inline(always)]
    pub(crate) fn nibbles(self, codes: &[u8; 16]) -> [int8x16_t; 2] {
        let codes = self.load_bytes(codes);
        // SAFETY: `self` proves NEON.
        unsafe {
            let low = vandq_u8(codes, vdupq_n_u8(15));
            [vreinterpretq_s8_u8(low), vreinterpretq_s8_u8(vshrq_n_u8::<4>(codes))]
        }
    }
}

impl Neon {
    /// The stages 1 and 2 of a Hadamard transform, each as partner plus own value with the upper lanes negated.
    #[inline(always)]
    fn hadamard4(self, a: float32x4_t) -> float32x4_t {
        const SIGN: u32 = 1 << 31;
        // SAFETY: `self` proves NEON; each load reads an array of four.
        unsafe {
            let [one, two] = [vld1q_u32([0, SIGN, 0, SIGN].as_ptr()), vld1q_u32([0, 0, SIGN, SIGN].as_ptr())];
            let negated = vreinterpretq_f32_u32(veorq_u32(vreinterpretq_u32_f32(a), one));
            let a = vaddq_f32(vrev64q_f32(a), negated);
            let negated = vreinterpretq_f32_u32(veorq_u32(vreinterpretq_u32_f32(a), two));
            vaddq_f32(vextq_f32::<2>(a, a), negated)
        }
    }
}

/// Applies an intrinsic to each of the four registers.
macro_rules! four {
    ($intrinsic:ident, $($operand:ident),+) => {
        // SAFETY: the value of `Neon` in the caller's `self` proves the feature.
        unsafe { [
            $intrinsic($($operand[0]),+),
            $intrinsic($($operand[1]),+),
            $intrinsic($($operand[2]),+),
            $intrinsic($($operand[3]),+),
        ] }
    };
}

impl Lanes for Neon {
    /// Lanes 0 to 3, 4 to 7, 8 to 11, 12 to 15.
    type F32 = [float32x4_t; 4];

    #[inline(always)]
    fn zero(self) -> Self::F32 {
        // SAFETY: `self` proves NEON.
        unsafe { [vdupq_n_f32(0.0); 4] }
    }

    #[inline(always)]
    fn load(self, from: &[f32; LANES]) -> Self::F32 {
        let from = from.as_ptr();
        // SAFETY: `self` proves NEON; the reference covers the 16 floats read.
        unsafe { [vld1q_f32(from), vld1q_f32(from.add(4)), vld1q_f32(from.add(8)), vld1q_f32(from.add(12))] }
    }

    #[inline(always)]
    fn load_tail(self, from: &[f32]) -> Self::F32 {
        let mut padded = [0.0; LANES];
        padded[..from.len()].copy_from_slice(from);
        self.load(&padded)
    }

    #[inline(always)]
    fn store(self, a: Self::F32, to: &mut [f32; LANES]) {
        let to = to.as_mut_ptr();
        // SAFETY: `self` proves NEON; the reference covers the 16 floats written.
        unsafe {
            vst1q_f32(to, a[0]);
            vst1q_f32(to.add(4), a[1]);
            vst1q_f32(to.add(8), a[2]);
            vst1q_f32(to.add(12), a[3]);
        }
    }

    #[inline(always)]
    fn mul_add(self, a: Self::F32, b: Self::F32, c: Self::F32) -> Self::F32 {
        four!(vfmaq_f32, c, a, b)
    }

    #[inline(always)]
    fn add(self, a: Self::F32, b: Self::F32) -> Self::F32 {
        four!(vaddq_f32, a, b)
    }

    #[inline(always)]
    fn sub(self, a: Self::F32, b: Self::F32) -> Self::F32 {
        four!(vsubq_f32, a, b)
    }

    #[inline(always)]
    fn abs(self, a: Self::F32) -> Self::F32 {
        four!(vabsq_f32, a)
    }

    #[inline(always)]
    fn hadamard(self, a: Self::F32) -> Self::F32 {
        let [a, b, c, d] = [self.hadamard4(a[0]), self.hadamard4(a[1]), self.hadamard4(a[2]), self.hadamard4(a[3])];
        // SAFETY: `self` proves NEON.
        unsafe {
            let [a, b] = [vaddq_f32(a, b), vsubq_f32(a, b)];
            let [c, d] = [vaddq_f32(c, d), vsubq_f32(c, d)];
            [vaddq_f32(a, c), vaddq_f32(b, d), vsubq_f32(a, c), vsubq_f32(b, d)]
        }
    }

    /// By hand, because `vaddvq_f32` adds neighbours.
    #[inline(always)]
    fn sum(self, a: Self::F32) -> f32 {
        // SAFETY: `self` proves NEON.
        unsafe {
            let four = vaddq_f32(vaddq_f32(a[0], a[2]), vaddq_f32(a[1], a[3]));
            let two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
            vget_lane_f32::<0>(two) + vget_lane_f32::<1>(two)
        }
    }
}

impl Bytes<16> for Neon {
    type Sum = int32x4_t;
    type Split = int8x16x2_t;

    #[inline(always)]
    fn zero(self) -> int32x4_t {
        // SAFETY: `self` proves NEON.
        unsafe { vdupq_n_s32(0) }
    }

    /// One product fits 16 bits (128² = 16,384), a pair of them is added in 32.
    #[inline(always)]
    fn add_i8(self, sums: [int32x4_t; 2], a: &[i8; 16], b: &[i8; 16]) -> [int32x4_t; 2] {
        let (a, b) = (self.load_signed(a), self.load_signed(b));
        // SAFETY: `self` proves NEON.
        unsafe {
            let low = vmull_s8(vget_low_s8(a), vget_low_s8(b));
            [vpadalq_s16(sums[0], low), vpadalq_s16(sums[1], vmull_high_s8(a, b))]
        }
    }

    #[inline(always)]
    fn total_i8(self, sums: [int32x4_t; 2]) -> i32 {
        // SAFETY: `self` proves NEON.
        self.total(unsafe { vaddq_s32(sums[0], sums[1]) })
    }

    #[inline(always)]
    fn split(self, query: &[[i8; 16]; 2]) -> int8x16x2_t {
        // SAFETY: `self` proves NEON; the reference covers the 32 bytes read, even ones into the first register.
        unsafe { vld2q_s8(query.as_flattened().as_ptr()) }
    }

    /// Two products together are at most 2 · 15 · 128 = 3,840.
    #[inline(always)]
    fn add_u4(self, sum: int32x4_t, codes: &[u8; 16], query: int8x16x2_t) -> int32x4_t {
        let [low, high] = self.nibbles(codes);
        // SAFETY: `self` proves NEON.
        unsafe {
            let first = vmull_s8(vget_low_s8(low), vget_low_s8(query.0));
            let first = vmlal_s8(first, vget_low_s8(high), vget_low_s8(query.1));
            let second = vmlal_high_s8(vmull_high_s8(low, query.0), high, query.1);
            vpadalq_s16(vpadalq_s16(sum, first), second)
        }
    }

    #[inline(always)]
    fn add_different_bits(self, sum: int32x4_t, a: &[u8; 16], b: &[u8; 16]) -> int32x4_t {
        let (a, b) = (self.load_bytes(a), self.load_bytes(b));
        // SAFETY: `self` proves NEON.
        unsafe {
            let counts = vpaddlq_u8(vcntq_u8(veorq_u8(a, b)));
            vreinterpretq_s32_u32(vpadalq_u16(vreinterpretq_u32_s32(sum), counts))
        }
    }

    #[inline(always)]
    fn total(self, sum: int32x4_t) -> i32 {
        // SAFETY: `self` proves NEON. The order is free: integer sums that wrap do not depend on it.
        unsafe { vaddvq_s32(sum) }
    }
}
