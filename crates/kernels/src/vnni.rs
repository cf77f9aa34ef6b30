//! AVX2 with AVX-VNNI: floats as in `avx2`, and four byte products per 32-bit lane in one instruction.

#![allow(unsafe_code)] // CPU intrinsics: every one needs the features that a value of `AvxVnni` proves.

use std::arch::x86_64::*;

use crate::avx2::Avx2;
use crate::bytes::Bytes;
use crate::table::{Table, integer_entry_points, table};

pub(crate) static TABLE: Table = table!(crate::avx2::float, crate::vnni::integer);

integer_entry_points!(AvxVnni, "avx2,fma,f16c,avxvnni");

/// Proof that the CPU has AVX-VNNI too: only functions compiled for it can make one safely.
#[derive(Clone, Copy)]
pub(crate) struct AvxVnni(Avx2);

impl AvxVnni {
    #[inline]
    #[target_feature(enable = "avx2,fma,avxvnni")]
    pub(crate) fn new() -> Self {
        Self(Avx2::new())
    }
}

impl Bytes<32> for AvxVnni {
    type Sum = __m256i;
    type Split = [__m256i; 2];

    #[inline(always)]
    fn zero(self) -> __m256i {
        Bytes::zero(self.0)
    }

    /// The instruction multiplies unsigned by signed: `a · b` is `(a + 128) · b` in the first sum less `128 · b` in the second.
    /// Neither saturates, and what wraps cancels.
    #[inline(always)]
    fn add_i8(self, sums: [__m256i; 2], a: &[i8; 32], b: &[i8; 32]) -> [__m256i; 2] {
        let (a, b) = (self.0.load_signed(a), self.0.load_signed(b));
        // SAFETY: `self` proves AVX-VNNI.
        unsafe {
            let offset = _mm256_set1_epi8(i8::MIN);
            [
                _mm256_dpbusd_avx_epi32(sums[0], _mm256_xor_si256(a, offset), b),
                _mm256_dpbusd_avx_epi32(sums[1], offset, b),
            ]
        }
    }

    #[inline(always)]
    fn total_i8(self, sums: [__m256i; 2]) -> i32 {
        // SAFETY: `self` proves AVX2.
        self.total(unsafe { _mm256_sub_epi32(sums[0], sums[1]) })
    }

    #[inline(always)]
    fn split(self, query: &[[i8; 32]; 2]) -> Self::Split {
        self.0.split(query)
    }

    #[inline(always)]
    fn add_u4(self, sum: __m256i, codes: &[u8; 32], query: Self::Split) -> __m256i {
        let [low, high] = self.0.nibbles(self.0.load_bytes(codes));
        // SAFETY: `self` proves AVX-VNNI.
        unsafe { _mm256_dpbusd_avx_epi32(_mm256_dpbusd_avx_epi32(sum, low, query[0]), high, query[1]) }
    }

    #[inline(always)]
    fn add_different_bits(self, sum: __m256i, a: &[u8; 32], b: &[u8; 32]) -> __m256i {
        self.0.add_different_bits(sum, a, b)
    }

    #[inline(always)]
    fn total(self, sum: __m256i) -> i32 {
        self.0.total(sum)
    }
}
