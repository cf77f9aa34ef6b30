//! The oracle against the formulas, written naively in `f64` or in integers, and against values worked out by hand.

#[path = "support/cases.rs"]
mod cases;

use gennaker_kernels::{Kernels, Level, available, cosine_of_parts};
use proptest::prelude::*;

fn scalar() -> &'static Kernels {
    Kernels::at(Level::Scalar).expect("always there")
}

/// A sum of `n` rounded terms is off by at most about `n · ε · Σ|term|`.
fn assert_near(got: f32, terms: &[f64], what: &str) {
    let (sum, magnitude) = terms.iter().fold((0.0, 0.0), |(sum, all), term| (sum + term, all + term.abs()));
    let tolerance = (terms.len() + 2) as f64 * f64::from(f32::EPSILON) * magnitude;
    assert!((f64::from(got) - sum).abs() <= tolerance, "{what}: {got} instead of {sum} ± {tolerance}");
}

fn pair() -> impl Strategy<Value = Vec<(f32, f32)>> {
    prop::collection::vec((-1e3_f32..1e3, -1e3_f32..1e3), 0..=129)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases::cases(128), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sums_follow_the_formula(pairs in pair()) {
        let (a, b): (Vec<f32>, Vec<f32>) = pairs.iter().copied().unzip();
        let terms = |term: fn(f64, f64) -> f64| -> Vec<f64> {
            pairs.iter().map(|&(x, y)| term(f64::from(x), f64::from(y))).collect()
        };
        assert_near(scalar().dot(&a, &b), &terms(|x, y| x * y), "dot");
        assert_near(scalar().l2_squared(&a, &b), &terms(|x, y| (x - y) * (x - y)), "l2_squared");
        assert_near(scalar().l1(&a, &b), &terms(|x, y| (x - y).abs()), "l1");
        assert_near(scalar().norm_squared(&a), &terms(|x, _| x * x), "norm_squared");
        let cosine = scalar().cosine(&a, &b);
        prop_assert!((-1.0..=1.0).contains(&cosine), "{}", cosine);
        prop_assert_eq!(cosine.to_bits(), scalar().cosine(&b, &a).to_bits());
    }

    #[test]
    fn the_transform_is_its_own_inverse_up_to_the_length(log in 0_u32..11, seed in any::<u32>()) {
        let length = 1_usize << log;
        // Small integers, so that every step is exact and so is the result.
        let x: Vec<f32> = (0..length as u32).map(|i| (seed.wrapping_mul(i | 1) >> 24) as f32 - 128.0).collect();
        for level in available() {
            let mut y = x.clone();
            Kernels::at(level).expect("available").fht(&mut y);
            prop_assert_eq!(y[0].to_bits(), x.iter().sum::<f32>().to_bits(), "the first coefficient is the sum, {}", level);
            Kernels::at(level).expect("available").fht(&mut y);
            let scaled: Vec<f32> = x.iter().map(|value| value * length as f32).collect();
            prop_assert_eq!(&y, &scaled, "{}", level);
        }
    }
}

#[test]
fn the_transform_multiplies_by_the_sylvester_matrix() {
    let mut x = [1.0, 2.0, 3.0, 5.0];
    scalar().fht(&mut x);
    assert_eq!(x.map(f32::to_bits), [11.0_f32, -3.0, -5.0, 1.0].map(f32::to_bits));
}

#[test]
fn nibbles_are_read_low_first_and_a_spare_one_is_ignored() {
    for level in available() {
        let kernels = Kernels::at(level).expect("available");
        assert_eq!(kernels.dot_u4_i8(&[0x21, 0x43], &[1, 10, 100, -1]), 1 + 20 + 300 - 4, "{level}");
        assert_eq!(kernels.dot_u4_i8(&[0x21, 0xf3], &[1, 10, 100]), 1 + 20 + 300, "{level}");
    }
}

#[test]
fn the_order_of_the_definition_is_kept() {
    // Lane 0 sums 2²⁴ and 1 (elements 0 and 16), which rounds the 1 away; any other pairing would keep it. The lanes 8 and 0
    // meet first when the halves are added, and cancel.
    let mut a = vec![0.0; 32];
    (a[0], a[16], a[8], a[1]) = (16_777_216.0, 1.0, -16_777_216.0, 0.5);
    for level in available() {
        let kernels = Kernels::at(level).expect("available");
        assert_eq!(kernels.dot(&a, &[1.0; 32]).to_bits(), 0.5_f32.to_bits(), "{level}");
    }
}

#[test]
fn products_are_fused() {
    // (1 + ε)² = 1 + 2ε + ε²; only a single rounding keeps the ε² once the rest is taken away.
    let x = 1.0 + f32::EPSILON;
    let mut a = vec![0.0; 32];
    let mut b = vec![0.0; 32];
    (a[0], b[0], a[16], b[16]) = (1.0, -(1.0 + 2.0 * f32::EPSILON), x, x);
    for level in available() {
        let kernels = Kernels::at(level).expect("available");
        assert_eq!(kernels.dot(&a, &b).to_bits(), (f32::EPSILON * f32::EPSILON).to_bits(), "{level}");
    }
}

#[test]
fn cosine_of_zero_vectors_is_zero_and_of_huge_ones_does_not_overflow() {
    assert_eq!(scalar().cosine(&[0.0; 3], &[1.0, 2.0, 3.0]).to_bits(), 0);
    assert_eq!(scalar().cosine(&[], &[]).to_bits(), 0);
    assert_eq!(scalar().cosine(&[1e18, 0.0], &[1e18, 0.0]).to_bits(), 1.0_f32.to_bits());
    assert_eq!(scalar().cosine(&[1e-18, 0.0], &[-1e-18, 0.0]).to_bits(), (-1.0_f32).to_bits());
    assert_eq!(cosine_of_parts(3.0, 1.0, 1.0).to_bits(), 1.0_f32.to_bits());
}
