//! Fixed inputs give these bits on every level of every architecture, for as long as stored vectors and scores depend on them.
//!
//! The other tests compare levels on one machine; only committed numbers compare machines. A change here changes the engine.

use gennaker_kernels::{Kernels, available};

/// FNV-1a over the bits of a sequence of results.
fn fold(hash: u64, bits: u32) -> u64 {
    bits.to_le_bytes().iter().fold(hash, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

fn values(count: usize, mut state: u32) -> Vec<f32> {
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        })
        .collect()
}

/// `dot`, `l2_squared`, `l1`, `cosine`, `axpy`.
const GOLDEN: [u64; 5] =
    [0xee68_833a_5304_db6f, 0x9b7d_9fbf_24e8_1685, 0x80ab_b8d0_ce75_6b97, 0x69f8_0475_c5aa_e569, 0x9732_3404_3712_b81e];

#[test]
fn results_of_every_length() {
    for level in available() {
        let kernels = Kernels::at(level).expect("available");
        let (x, y) = (values(130, 1), values(130, 2));
        let mut hashes = [0xcbf2_9ce4_8422_2325_u64; 5];
        for length in 0..=130 {
            let (a, b) = (&x[..length], &y[130 - length..]);
            let mut sum = b.to_vec();
            kernels.axpy(0.7, a, &mut sum);
            hashes[0] = fold(hashes[0], kernels.dot(a, b).to_bits());
            hashes[1] = fold(hashes[1], kernels.l2_squared(a, b).to_bits());
            hashes[2] = fold(hashes[2], kernels.l1(a, b).to_bits());
            hashes[3] = fold(hashes[3], kernels.cosine(a, b).to_bits());
            hashes[4] = sum.iter().fold(hashes[4], |hash, value| fold(hash, value.to_bits()));
        }
        assert_eq!(hashes, GOLDEN, "{level}: {hashes:#018x?}");
    }
}

#[test]
fn transform_of_1024() {
    for level in available() {
        let mut x = values(1_024, 3);
        Kernels::at(level).expect("available").fht(&mut x);
        let hash = x.iter().fold(0xcbf2_9ce4_8422_2325, |hash, value| fold(hash, value.to_bits()));
        assert_eq!(hash, 0xe81d_5370_64cd_327b, "{level}: {hash:#018x}");
    }
}
