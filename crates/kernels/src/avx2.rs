//! x86-64-v3: 16 float lanes as two registers of 8, 32 bytes at a time.

#![allow(unsafe_code)] // CPU intrinsics: every one needs the features that a value of `Avx2` proves.

use std::arch::x86_64::*;

use crate::bytes::Bytes;
use crate::lanes::{LANES, Lanes};
use crate::table::{Table, float_entry_points, integer_entry_points, table};

pub(crate) static TABLE: Table = table!(crate::avx2::float, crate::avx2::integer);

float_entry_points!(Avx2, "avx2,fma,f16c", rows = 4, batch_rows = 1);
integer_entry_points!(Avx2, "avx2,fma,f16c");

/// Proof that the CPU has AVX2 and FMA: only functions compiled for both can make one safely.
#[derive(Clone, Copy)]
pub(crate) struct Avx2(());

impl Avx2 {
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(crate) fn new() -> Self {
        Self(())
    }

    #[inline(always)]
    pub(crate) fn load_bytes(self, from: &[u8; 32]) -> __m256i {
        // SAFETY: `self` proves AVX2; the reference covers the 32 bytes read, and the load needs no alignment.
        unsafe { _mm256_loadu_si256(from.as_ptr().cast()) }
    }

    #[inline(always)]
    pub(crate) fn load_signed(self, from: &[i8; 32]) -> __m256i {
        // SAFETY: `self` proves AVX2; the reference covers the 32 bytes read, and the load needs no alignment.
        unsafe { _mm256_loadu_si256(from.as_ptr().cast()) }
    }

    /// The low and the high nibble of every byte.
    #[inline(always)]
    pub(crate) fn nibbles(self, bytes: __m256i) -> [__m256i; 2] {
        // SAFETY: `self` proves AVX2.
        unsafe {
            let mask = _mm256_set1_epi8(15);
            [_mm256_and_si256(bytes, mask), _mm256_and_si256(_mm256_srli_epi16(bytes, 4), mask)]
        }
    }
}

impl Avx2 {
    /// The stages 1, 2 and 4 of a Hadamard transform, each as partner plus own value with the upper lanes negated.
    #[inline(always)]
    fn hadamard8(self, a: __m256) -> __m256 {
        // SAFETY: `self` proves AVX2.
        unsafe {
            let one = _mm256_setr_ps(0.0, -0.0, 0.0, -0.0, 0.0, -0.0, 0.0, -0.0);
            let two = _mm256_setr_ps(0.0, 0.0, -0.0, -0.0, 0.0, 0.0, -0.0, -0.0);
            let four = _mm256_setr_ps(0.0, 0.0, 0.0, 0.0, -0.0, -0.0, -0.0, -0.0);
            let a = _mm256_add_ps(_mm256_permute_ps::<0b10_11_00_01>(a), _mm256_xor_ps(a, one));
            let a = _mm256_add_ps(_mm256_permute_ps::<0b01_00_11_10>(a), _mm256_xor_ps(a, two));
            _mm256_add_ps(_mm256_permute2f128_ps::<1>(a, a), _mm256_xor_ps(a, four))
        }
    }
}

impl Lanes for Avx2 {
    /// Lanes 0 to 7, lanes 8 to 15.
    type F32 = [__m256; 2];

    #[inline(always)]
    fn zero(self) -> Self::F32 {
        // SAFETY: `self` proves AVX2.
        unsafe { [_mm256_setzero_ps(); 2] }
    }

    #[inline(always)]
    fn load(self, from: &[f32; LANES]) -> Self::F32 {
        // SAFETY: `self` proves AVX2; the reference covers the 16 floats read, and the loads need no alignment.
        unsafe { [_mm256_loadu_ps(from.as_ptr()), _mm256_loadu_ps(from.as_ptr().add(8))] }
    }

    #[inline(always)]
    fn load_tail(self, from: &[f32]) -> Self::F32 {
        let (low, high) = from.split_at(from.len().min(8));
        // SAFETY: `self` proves AVX2; lane `j` of a half is read only where `j < len`, so only inside its slice.
        unsafe {
            let index = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            let low_mask = _mm256_cmpgt_epi32(_mm256_set1_epi32(low.len() as i32), index);
            let high_mask = _mm256_cmpgt_epi32(_mm256_set1_epi32(high.len() as i32), index);
            [_mm256_maskload_ps(low.as_ptr(), low_mask), _mm256_maskload_ps(high.as_ptr(), high_mask)]
        }
    }

    #[inline(always)]
    fn store(self, a: Self::F32, to: &mut [f32; LANES]) {
        // SAFETY: `self` proves AVX2; the reference covers the 16 floats written, and the stores need no alignment.
        unsafe {
            _mm256_storeu_ps(to.as_mut_ptr(), a[0]);
            _mm256_storeu_ps(to.as_mut_ptr().add(8), a[1]);
        }
    }

    #[inline(always)]
    fn mul_add(self, a: Self::F32, b: Self::F32, c: Self::F32) -> Self::F32 {
        // SAFETY: `self` proves FMA.
        unsafe { [_mm256_fmadd_ps(a[0], b[0], c[0]), _mm256_fmadd_ps(a[1], b[1], c[1])] }
    }

    #[inline(always)]
    fn add(self, a: Self::F32, b: Self::F32) -> Self::F32 {
        // SAFETY: `self` proves AVX2.
        unsafe { [_mm256_add_ps(a[0], b[0]), _mm256_add_ps(a[1], b[1])] }
    }

    #[inline(always)]
    fn sub(self, a: Self::F32, b: Self::F32) -> Self::F32 {
        // SAFETY: `self` proves AVX2.
        unsafe { [_mm256_sub_ps(a[0], b[0]), _mm256_sub_ps(a[1], b[1])] }
    }

    #[inline(always)]
    fn abs(self, a: Self::F32) -> Self::F32 {
        // SAFETY: `self` proves AVX2.
        unsafe {
            let sign = _mm256_set1_ps(-0.0);
            [_mm256_andnot_ps(sign, a[0]), _mm256_andnot_ps(sign, a[1])]
        }
    }

    #[inline(always)]
    fn hadamard(self, a: Self::F32) -> Self::F32 {
        let [low, high] = [self.hadamard8(a[0]), self.hadamard8(a[1])];
        // SAFETY: `self` proves AVX2.
        unsafe { [_mm256_add_ps(low, high), _mm256_sub_ps(low, high)] }
    }

    #[inline(always)]
    fn sum(self, a: Self::F32) -> f32 {
        // SAFETY: `self` proves AVX2.
        unsafe {
            let eight = _mm256_add_ps(a[0], a[1]);
            let four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
        }
    }
}

impl Bytes<32> for Avx2 {
    type Sum = __m256i;
    type Split = [__m256i; 2];

    #[inline(always)]
    fn zero(self) -> __m256i {
        // SAFETY: `self` proves AVX2.
        unsafe { _mm256_setzero_si256() }
    }

    /// Widened to 16 bits, since `maddubs` would saturate; a pair of products is at most 2 · 128², which `madd` holds in 32 bits.
    #[inline(always)]
    fn add_i8(self, sums: [__m256i; 2], a: &[i8; 32], b: &[i8; 32]) -> [__m256i; 2] {
        let (a, b) = (self.load_signed(a), self.load_signed(b));
        // SAFETY: `self` proves AVX2.
        unsafe {
            let low = _mm256_madd_epi16(
                _mm256_cvtepi8_epi16(_mm256_castsi256_si128(a)),
                _mm256_cvtepi8_epi16(_mm256_castsi256_si128(b)),
            );
            let high = _mm256_madd_epi16(
                _mm256_cvtepi8_epi16(_mm256_extracti128_si256::<1>(a)),
                _mm256_cvtepi8_epi16(_mm256_extracti128_si256::<1>(b)),
            );
            [_mm256_add_epi32(sums[0], low), _mm256_add_epi32(sums[1], high)]
        }
    }

    #[inline(always)]
    fn total_i8(self, sums: [__m256i; 2]) -> i32 {
        // SAFETY: `self` proves AVX2.
        self.total(unsafe { _mm256_add_epi32(sums[0], sums[1]) })
    }

    /// Within each 128-bit half the even bytes go down and the odd ones up; then 8-byte words are brought into order.
    #[inline(always)]
    fn split(self, query: &[[i8; 32]; 2]) -> Self::Split {
        let (a, b) = (self.load_signed(&query[0]), self.load_signed(&query[1]));
        // SAFETY: `self` proves AVX2.
        unsafe {
            let apart =
                _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15));
            let (a, b) = (_mm256_shuffle_epi8(a, apart), _mm256_shuffle_epi8(b, apart));
            let even = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_unpacklo_epi64(a, b));
            let odd = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_unpackhi_epi64(a, b));
            [even, odd]
        }
    }

    /// `maddubs` cannot saturate here: a pair is at most 2 · 15 · 128, and both nibbles together 7,680.
    #[inline(always)]
    fn add_u4(self, sum: __m256i, codes: &[u8; 32], query: Self::Split) -> __m256i {
        let [low, high] = self.nibbles(self.load_bytes(codes));
        // SAFETY: `self` proves AVX2.
        unsafe {
            let pairs = _mm256_add_epi16(_mm256_maddubs_epi16(low, query[0]), _mm256_maddubs_epi16(high, query[1]));
            _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
        }
    }

    /// Counts bits by a table of 16 nibbles (Muła, Kurz & Lemire 2018, arXiv:1611.07612).
    #[inline(always)]
    fn add_different_bits(self, sum: __m256i, a: &[u8; 32], b: &[u8; 32]) -> __m256i {
        let (a, b) = (self.load_bytes(a), self.load_bytes(b));
        // SAFETY: `self` proves AVX2.
        unsafe {
            let [low, high] = self.nibbles(_mm256_xor_si256(a, b));
            let ones = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
            let counts = _mm256_add_epi8(_mm256_shuffle_epi8(ones, low), _mm256_shuffle_epi8(ones, high));
            _mm256_add_epi32(sum, _mm256_sad_epu8(counts, _mm256_setzero_si256()))
        }
    }

    #[inline(always)]
    fn total(self, sum: __m256i) -> i32 {
        // SAFETY: `self` proves AVX2.
        unsafe {
            let four = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256::<1>(sum));
            let two = _mm_add_epi32(four, _mm_shuffle_epi32::<0b11_10_11_10>(four));
            _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32::<0b01>(two)))
        }
    }
}
