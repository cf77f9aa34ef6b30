//! Kernels without a sum: every output element has one definition, so that any width gives the same bits.

#![cfg_attr(not(any(target_arch = "x86_64", target_arch = "aarch64")), allow(dead_code))]

use crate::lanes::{LANES, Lanes};

/// `y += alpha * x`, each element by one fused multiply-add; the compiler's own vectors are as good as ours here.
#[inline(always)]
pub(crate) fn axpy(alpha: f32, x: &[f32], y: &mut [f32]) {
    for (x, y) in x.iter().zip(y) {
        *y = alpha.mul_add(*x, *y);
    }
}

/// The fast Hadamard transform in place, unnormalised; `x.len()` is a power of two.
///
/// The four narrow stages run block by block, while 16 floats stay in registers; a wide one adds and subtracts whole blocks.
#[inline(always)]
pub(crate) fn fht<S: Lanes>(simd: S, x: &mut [f32]) {
    let (blocks, short) = x.as_chunks_mut::<LANES>();
    if !short.is_empty() {
        return crate::scalar::fht(short);
    }
    for block in &mut *blocks {
        simd.store(simd.hadamard(simd.load(block)), block);
    }
    let mut half = 1;
    while half < blocks.len() {
        for run in blocks.chunks_exact_mut(2 * half) {
            let (low, high) = run.split_at_mut(half);
            for (low, high) in low.iter_mut().zip(high) {
                let (a, b) = (simd.load(low), simd.load(high));
                simd.store(simd.add(a, b), low);
                simd.store(simd.sub(a, b), high);
            }
        }
        half *= 2;
    }
}
