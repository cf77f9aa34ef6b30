//! Distances and rotations: what a search spends its time on, once per instruction set.
//!
//! [`kernels`] picks the best [`Level`] of the CPU at first use and returns its [`Kernels`]. Take the handle before a loop and
//! prefer the calls that scan many rows ([`Kernels::dot_many`] and its siblings): they dispatch once for the whole loop.
//!
//! # The same bits on every machine
//!
//! Integer kernels are exact. The `f32` sums are fixed to the last bit by one definition that every level fulfils:
//!
//! 1. 16 lanes start at `+0.0`. Element `i` is added to lane `i % 16`, in ascending `i`, by one fused multiply-add (`dot`:
//!    `lane = fma(a, b, lane)`; `l2_squared`: `d = a - b; lane = fma(d, d, lane)`) or one addition (`l1`: `lane = lane + |a - b|`).
//! 2. When the length is no multiple of 16, both inputs count as padded with `+0.0` up to the next one.
//! 3. The lanes are halved four times, `lane[j] + lane[j + h]` for `h` = 8, 4, 2, 1; `lane[0]` is the result.
//!
//! Results are therefore equal across levels, batch sizes and alignments, so that no machine reaches a stored byte or a score.
//! The promise is for finite results; which NaN comes out of infinite or NaN input depends on the CPU, and callers reject both.
//!
//! `scalar` is the definition in code and the oracle of the tests. `lanes`, `bytes` and `elementwise` hold each algorithm once
//! over an instruction set; `avx2`, `vnni`, `avx512`, `neon` and `dotprod` are those sets.

mod bytes;
mod elementwise;
mod kernels;
mod lanes;
mod level;
mod scalar;
mod select;
mod table;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod dotprod;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod neon;
#[cfg(target_arch = "x86_64")]
mod vnni;

pub use kernels::{Kernels, MAX_I8_LENGTH, cosine_of_parts};
pub use level::{Level, available};
pub use select::{SIMD_VARIABLE, Selection, kernels, selection};
