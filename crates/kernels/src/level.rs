//! The instruction sets that have kernels, and which of them this CPU has.

use std::fmt;

/// An instruction set with kernels of its own, from the plainest to the widest of each architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Level {
    /// Plain Rust; the oracle, and the only level outside x86-64 and little-endian AArch64.
    Scalar,
    /// x86-64-v3: AVX2, FMA, F16C.
    Avx2,
    /// AVX2 and AVX-VNNI: the integer dot products of AVX-512 on 256 bits.
    AvxVnni,
    /// x86-64-v4 and more: AVX-512 F, BW, VL, DQ, VNNI, VPOPCNTDQ.
    Avx512,
    /// AArch64 NEON.
    Neon,
    /// AArch64 NEON with the `sdot` instruction.
    NeonDotprod,
}

impl Level {
    /// Every level, also those of other architectures; the later of two available ones is the better.
    pub const ALL: [Self; 6] = [Self::Scalar, Self::Avx2, Self::AvxVnni, Self::Avx512, Self::Neon, Self::NeonDotprod];

    /// The word for this level in `GENNAKER_SIMD`, reports and health checks.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Avx2 => "avx2",
            Self::AvxVnni => "avxvnni",
            Self::Avx512 => "avx512",
            Self::Neon => "neon",
            Self::NeonDotprod => "neondot",
        }
    }

    /// The level called `name`, in any letter case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name().eq_ignore_ascii_case(name))
    }

    /// Whether this binary and this CPU can run the level. The answer never changes while the process lives.
    pub fn is_available(self) -> bool {
        match self {
            Self::Scalar => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => has_avx2(),
            #[cfg(target_arch = "x86_64")]
            Self::AvxVnni => has_avx2() && is_x86_feature_detected!("avxvnni"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                has_avx2()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vnni")
                    && is_x86_feature_detected!("avx512vpopcntdq")
            }
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Self::Neon => std::arch::is_aarch64_feature_detected!("neon"),
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Self::NeonDotprod => {
                std::arch::is_aarch64_feature_detected!("neon") && std::arch::is_aarch64_feature_detected!("dotprod")
            }
            // What is left belongs to another architecture; on x86-64 and AArch64 the arms above take their own.
            _ => false,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The levels this process can run, plainest first; never empty, since [`Level::Scalar`] runs everywhere.
pub fn available() -> Vec<Level> {
    Level::ALL.into_iter().filter(|level| level.is_available()).collect()
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c")
}
