//! x86-64-v4 with VNNI and VPOPCNTDQ: 16 float lanes in one register, 64 bytes at a time.

#![allow(unsafe_code)] // CPU intrinsics: every one needs the features that a value of `Avx512` proves.

use std::arch::x86_64::*;

use crate::bytes::Bytes;
use crate::lanes::{LANES, Lanes};
use crate::table::{Table, float_entry_points, integer_entry_points, table};

pub(crate) static TABLE: Table = table!(crate::avx512::float, crate::avx512::integer);

float_entry_points!(
    Avx512,
    "avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512vpopcntdq",
    rows = 8,
    batch_rows = 4
);
integer_entry_points!(Avx512, "avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512vpopcntdq");

/// Proof that the CPU has all of this level: only functions compiled for it can make one safely.
#[derive(Clone, Copy)]
pub(crate) struct Avx512(());

impl Avx512 {
    #[inline]
    #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512vpopcntdq")]
    pub(crate) fn new() -> Self {
        Self(())
    }

    #[inline(always)]
    fn load_bytes(self, from: &[u8; 64]) -> __m512i {
        // SAFETY: `self` proves AVX-512F; the reference covers the 64 bytes read, and the load needs no alignment.
        unsafe { _mm512_loadu_si512(from.as_ptr().cast()) }
    }

    #[inline(always)]
    fn load_signed(self, from: &[i8; 64]) -> __m512i {
        // SAFETY: `self` proves AVX-512F; the reference covers the 64 bytes read, and the load needs no alignment.
        unsafe { _mm512_loadu_si512(from.as_ptr().cast()) }
    }
}

impl Lanes for Avx512 {
    type F32 = __m512;

    #[inline(always)]
    fn zero(self) -> __m512 {
        // SAFETY: `self` proves AVX-512F.
        unsafe { _mm512_setzero_ps() }
    }

    #[inline(always)]
    fn load(self, from: &[f32; LANES]) -> __m512 {
        // SAFETY: `self` proves AVX-512F; the reference covers the 16 floats read, and the load needs no alignment.
        unsafe { _mm512_loadu_ps(from.as_ptr()) }
    }

    #[inline(always)]
    fn load_tail(self, from: &[f32]) -> __m512 {
        let mask = (1_u32 << from.len().min(LANES)) - 1;
        // SAFETY: `self` proves AVX-512F; bit `j` of the mask is set only where `j < from.len()`, so only the slice is read.
        unsafe { _mm512_maskz_loadu_ps(mask as __mmask16, from.as_ptr()) }
    }

    #[inline(always)]
    fn store(self, a: __m512, to: &mut [f32; LANES]) {
        // SAFETY: `self` proves AVX-512F; the reference covers the 16 floats written, and the store needs no alignment.
        unsafe { _mm512_storeu_ps(to.as_mut_ptr(), a) }
    }

    #[inline(always)]
    fn mul_add(self, a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: `self` proves AVX-512F.
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    fn add(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: `self` proves AVX-512F.
        unsafe { _mm512_add_ps(a, b) }
    }

    #[inline(always)]
    fn sub(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: `self` proves AVX-512F.
        unsafe { _mm512_sub_ps(a, b) }
    }

    #[inline(always)]
    fn abs(self, a: __m512) -> __m512 {
        // SAFETY: `self` proves AVX-512F.
        unsafe { _mm512_abs_ps(a) }
    }

    /// Each stage is the partner plus the own value, negated where the constant is -0.0.
    #[inline(always)]
    fn hadamard(self, a: __m512) -> __m512 {
        // SAFETY: `self` proves AVX-512F and DQ.
        unsafe {
            let one = _mm512_maskz_mov_ps(0xaaaa, _mm512_set1_ps(-0.0));
            let two = _mm512_maskz_mov_ps(0xcccc, _mm512_set1_ps(-0.0));
            let four = _mm512_maskz_mov_ps(0xf0f0, _mm512_set1_ps(-0.0));
            let eight = _mm512_maskz_mov_ps(0xff00, _mm512_set1_ps(-0.0));
            let a = _mm512_add_ps(_mm512_permute_ps::<0b10_11_00_01>(a), _mm512_xor_ps(a, one));
            let a = _mm512_add_ps(_mm512_permute_ps::<0b01_00_11_10>(a), _mm512_xor_ps(a, two));
            let a = _mm512_add_ps(_mm512_shuffle_f32x4::<0b10_11_00_01>(a, a), _mm512_xor_ps(a, four));
            _mm512_add_ps(_mm512_shuffle_f32x4::<0b01_00_11_10>(a, a), _mm512_xor_ps(a, eight))
        }
    }

    /// By hand, because `_mm512_reduce_add_ps` leaves its order to the compiler.
    #[inline(always)]
    fn sum(self, a: __m512) -> f32 {
        // SAFETY: `self` proves AVX-512F and DQ.
        unsafe {
            let eight = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps::<1>(a));
            let four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
        }
    }
}

impl Bytes<64> for Avx512 {
    type Sum = __m512i;
    type Split = [__m512i; 2];

    #[inline(always)]
    fn zero(self) -> __m512i {
        // SAFETY: `self` proves AVX-512F.
        unsafe { _mm512_setzero_si512() }
    }

    /// As on AVX-VNNI: `(a + 128) · b` in the first sum, `128 · b` in the second; what wraps cancels.
    #[inline(always)]
    fn add_i8(self, sums: [__m512i; 2], a: &[i8; 64], b: &[i8; 64]) -> [__m512i; 2] {
        let (a, b) = (self.load_signed(a), self.load_signed(b));
        // SAFETY: `self` proves AVX-512F and VNNI.
        unsafe {
            let offset = _mm512_set1_epi8(i8::MIN);
            [_mm512_dpbusd_epi32(sums[0], _mm512_xor_si512(a, offset), b), _mm512_dpbusd_epi32(sums[1], offset, b)]
        }
    }

    #[inline(always)]
    fn total_i8(self, sums: [__m512i; 2]) -> i32 {
        // SAFETY: `self` proves AVX-512F.
        self.total(unsafe { _mm512_sub_epi32(sums[0], sums[1]) })
    }

    /// Within each 128-bit part the even bytes go down and the odd ones up; then 8-byte words are brought into order.
    #[inline(always)]
    fn split(self, query: &[[i8; 64]; 2]) -> Self::Split {
        let (a, b) = (self.load_signed(&query[0]), self.load_signed(&query[1]));
        // SAFETY: `self` proves AVX-512F and BW.
        unsafe {
            let apart = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15));
            let (a, b) = (_mm512_shuffle_epi8(a, apart), _mm512_shuffle_epi8(b, apart));
            let even = _mm512_permutex2var_epi64(a, _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14), b);
            let odd = _mm512_permutex2var_epi64(a, _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15), b);
            [even, odd]
        }
    }

    #[inline(always)]
    fn add_u4(self, sum: __m512i, codes: &[u8; 64], query: Self::Split) -> __m512i {
        let codes = self.load_bytes(codes);
        // SAFETY: `self` proves AVX-512F and VNNI.
        unsafe {
            let mask = _mm512_set1_epi8(15);
            let low = _mm512_and_si512(codes, mask);
            let high = _mm512_and_si512(_mm512_srli_epi16::<4>(codes), mask);
            _mm512_dpbusd_epi32(_mm512_dpbusd_epi32(sum, low, query[0]), high, query[1])
        }
    }

    #[inline(always)]
    fn add_different_bits(self, sum: __m512i, a: &[u8; 64], b: &[u8; 64]) -> __m512i {
        let (a, b) = (self.load_bytes(a), self.load_bytes(b));
        // SAFETY: `self` proves AVX-512F and VPOPCNTDQ.
        unsafe { _mm512_add_epi32(sum, _mm512_popcnt_epi32(_mm512_xor_si512(a, b))) }
    }

    #[inline(always)]
    fn total(self, sum: __m512i) -> i32 {
        // SAFETY: `self` proves AVX-512F. The order is free: integer sums that wrap do not depend on it.
        unsafe { _mm512_reduce_add_epi32(sum) }
    }
}
