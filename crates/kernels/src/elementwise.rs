//! Kernels without a sum, where the compiler's own vectors are as good as ours: each element has one definition, so any width
//! gives the same bits. Compiled once per level, inside its entry points.

#![cfg_attr(not(any(target_arch = "x86_64", target_arch = "aarch64")), allow(dead_code))]

/// `y += alpha * x`, each element by one fused multiply-add.
#[inline(always)]
pub(crate) fn axpy(alpha: f32, x: &[f32], y: &mut [f32]) {
    for (x, y) in x.iter().zip(y) {
        *y = alpha.mul_add(*x, *y);
    }
}

const BLOCK: usize = 16;

/// The fast Hadamard transform in place, unnormalised; `x.len()` is a power of two.
///
/// The four narrow stages run block by block, where 16 floats stay in registers; the wide ones are adds of whole runs.
#[inline(always)]
pub(crate) fn fht(x: &mut [f32]) {
    if x.len() < BLOCK {
        return crate::scalar::fht(x);
    }
    for block in x.as_chunks_mut::<BLOCK>().0 {
        *block = narrow::<8>(narrow::<4>(narrow::<2>(narrow::<1>(*block))));
    }
    let mut half = BLOCK;
    while half < x.len() {
        for run in x.chunks_exact_mut(2 * half) {
            let (low, high) = run.split_at_mut(half);
            for (low, high) in low.iter_mut().zip(high) {
                (*low, *high) = (*low + *high, *low - *high);
            }
        }
        half *= 2;
    }
}

/// One stage inside a block: element `i` meets element `i ^ HALF`.
#[inline(always)]
fn narrow<const HALF: usize>(x: [f32; BLOCK]) -> [f32; BLOCK] {
    let mut out = [0.0; BLOCK];
    for i in 0..BLOCK {
        out[i] = if i & HALF == 0 { x[i] + x[i + HALF] } else { x[i - HALF] - x[i] };
    }
    out
}
