//! Every level that this CPU can run returns the bits of the scalar oracle, at every length around the block sizes and at
//! every alignment; the many-row kernels return the bits of the single ones.

#[path = "support/cases.rs"]
mod cases;

use gennaker_kernels::{Kernels, Level, available};
use proptest::prelude::*;

/// Longer than two blocks of every instruction set, so that full blocks, tails and their borders all occur.
const LONGEST: usize = 129;
/// Rows for the scans: full blocks of 4 and of 8 rows, and remainders.
const MOST_ROWS: usize = 19;

fn scalar() -> &'static Kernels {
    Kernels::at(Level::Scalar).expect("always there")
}

fn faster() -> Vec<&'static Kernels> {
    available().into_iter().skip(1).map(|level| Kernels::at(level).expect("available")).collect()
}

/// Values whose sums cancel, overflow the mantissa, underflow and carry signed zeros: wherever an order would show.
fn float() -> impl Strategy<Value = f32> {
    prop_oneof![
        8 => -1.0_f32..1.0,
        2 => -1e6_f32..1e6,
        1 => -1e-22_f32..1e-22,
        1 => Just(-0.0_f32),
        1 => Just(f32::MIN_POSITIVE / 8.0),
    ]
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// A buffer for `count` values behind up to 7 others, which shift it off every alignment.
fn shifted<T: Clone + std::fmt::Debug>(
    element: impl Strategy<Value = T> + Clone,
    count: usize,
) -> impl Strategy<Value = (Vec<T>, usize)> {
    (0_usize..8).prop_flat_map(move |shift| (prop::collection::vec(element.clone(), count + shift), Just(shift)))
}

fn float_pair() -> impl Strategy<Value = [(Vec<f32>, usize); 2]> {
    (0..=LONGEST).prop_flat_map(|length| [shifted(float().boxed(), length), shifted(float().boxed(), length)])
}

fn check_singles(a: &[f32], b: &[f32]) {
    for kernels in faster() {
        let (level, oracle) = (kernels.level(), scalar());
        let length = a.len();
        assert_eq!(kernels.dot(a, b).to_bits(), oracle.dot(a, b).to_bits(), "dot, {level}, {length}");
        assert_eq!(kernels.l2_squared(a, b).to_bits(), oracle.l2_squared(a, b).to_bits(), "l2, {level}, {length}");
        assert_eq!(kernels.l1(a, b).to_bits(), oracle.l1(a, b).to_bits(), "l1, {level}, {length}");
        assert_eq!(kernels.norm_squared(a).to_bits(), oracle.norm_squared(a).to_bits(), "norm, {level}, {length}");
        assert_eq!(kernels.cosine(a, b).to_bits(), oracle.cosine(a, b).to_bits(), "cosine, {level}, {length}");
        let (mut y, mut expected) = (b.to_vec(), b.to_vec());
        kernels.axpy(-0.37, a, &mut y);
        oracle.axpy(-0.37, a, &mut expected);
        assert_eq!(bits(&y), bits(&expected), "axpy, {level}, {length}");
    }
}

#[test]
fn floats_at_every_length() {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    for length in 0..=LONGEST {
        let a: Vec<f32> = (0..length).map(|_| next()).collect();
        let b: Vec<f32> = (0..length).map(|_| next()).collect();
        check_singles(&a, &b);
    }
}

#[test]
fn integers_at_every_length_and_extreme() {
    let extremes = [i8::MIN, -1, 0, 1, i8::MAX];
    for kernels in faster() {
        for length in 0..=LONGEST * 2 {
            for a in extremes {
                for b in extremes {
                    let (x, y) = (vec![a; length], vec![b; length]);
                    let exact = length as i32 * i32::from(a) * i32::from(b);
                    assert_eq!(kernels.dot_i8(&x, &y), exact, "{}, {length}, {a} · {b}", kernels.level());
                }
                for code in [0_u8, 1, 8, 15] {
                    let codes = vec![code << 4 | code; length.div_ceil(2)];
                    let exact = length as i32 * i32::from(code) * i32::from(a);
                    let sum = kernels.dot_u4_i8(&codes, &vec![a; length]);
                    assert_eq!(sum, exact, "{}, {length}, {code} · {a}", kernels.level());
                }
            }
            let (zeros, ones) = (vec![0; length], vec![255; length]);
            assert_eq!(kernels.hamming(&zeros, &ones), 8 * length as u32, "{}, {length}", kernels.level());
        }
    }
}

#[test]
fn integers_of_the_greatest_length_do_not_overflow() {
    let length = gennaker_kernels::MAX_I8_LENGTH;
    let lowest = vec![i8::MIN; length];
    for level in available() {
        let kernels = Kernels::at(level).expect("available");
        assert_eq!(kernels.dot_i8(&lowest, &lowest), length as i32 * 16_384, "{level}");
        let codes = vec![255; length.div_ceil(2)];
        assert_eq!(kernels.dot_u4_i8(&codes, &lowest), length as i32 * -1_920, "{level}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases::cases(128), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn floats_at_any_alignment([(a, a_shift), (b, b_shift)] in float_pair()) {
        check_singles(&a[a_shift..], &b[b_shift..]);
    }

    #[test]
    fn scans_equal_single_calls(
        (dimension, (queries, shift), (rows, row_shift), count) in (0..=LONGEST, 0..=MOST_ROWS).prop_flat_map(|(dimension, count)| (
            Just(dimension),
            shifted(float().boxed(), dimension * 4),
            shifted(float().boxed(), dimension * count),
            Just(count),
        ))
    ) {
        let (queries, rows) = (&queries[shift..], &rows[row_shift..]);
        let query = |q: usize| &queries[q * dimension..][..dimension];
        let row = |i: usize| &rows[i * dimension..][..dimension];
        for level in available() {
            let kernels = Kernels::at(level).expect("available");
            let mut out = vec![f32::NAN; count];
            kernels.dot_many(query(0), rows, dimension, &mut out);
            prop_assert_eq!(bits(&out), (0..count).map(|i| scalar().dot(query(0), row(i)).to_bits()).collect::<Vec<_>>(), "dot, {}", level);
            kernels.l2_squared_many(query(0), rows, dimension, &mut out);
            prop_assert_eq!(bits(&out), (0..count).map(|i| scalar().l2_squared(query(0), row(i)).to_bits()).collect::<Vec<_>>(), "l2, {}", level);
            kernels.l1_many(query(0), rows, dimension, &mut out);
            prop_assert_eq!(bits(&out), (0..count).map(|i| scalar().l1(query(0), row(i)).to_bits()).collect::<Vec<_>>(), "l1, {}", level);

            let mut sums = vec![f32::NAN; 4 * count];
            let (first, rest) = sums.split_at_mut(count);
            let (second, rest) = rest.split_at_mut(count);
            let (third, fourth) = rest.split_at_mut(count);
            kernels.dot_batch4([0, 1, 2, 3].map(query), rows, dimension, [first, second, third, fourth]);
            let expected: Vec<u32> =
                (0..4).flat_map(|q| (0..count).map(move |i| scalar().dot(query(q), row(i)).to_bits())).collect();
            prop_assert_eq!(bits(&sums), expected, "batch, {}", level);
        }
    }

    #[test]
    fn integers_at_any_alignment(
        (a, b, codes, length) in (0..=2 * LONGEST).prop_flat_map(|length| (
            shifted(any::<i8>(), length),
            shifted(any::<i8>(), length),
            [(); 4].map(|()| shifted(any::<u8>(), length.div_ceil(2))),
            Just(length),
        ))
    ) {
        let (a, b) = (&a.0[a.1..], &b.0[b.1..]);
        let codes = [0, 1, 2, 3].map(|r: usize| &codes[r].0[codes[r].1..]);
        for kernels in faster() {
            let level = kernels.level();
            prop_assert_eq!(kernels.dot_i8(a, b), scalar().dot_i8(a, b), "{}, {}", level, length);
            prop_assert_eq!(kernels.dot_u4_i8(codes[0], a), scalar().dot_u4_i8(codes[0], a), "{}, {}", level, length);
            prop_assert_eq!(kernels.dot_u4_i8_x4(codes, a), codes.map(|row| scalar().dot_u4_i8(row, a)), "{}, {}", level, length);
            prop_assert_eq!(kernels.hamming(codes[0], codes[1]), scalar().hamming(codes[0], codes[1]), "{}, {}", level, length);
        }
    }

    #[test]
    fn hadamard_transforms((x, shift) in (0_u32..11).prop_flat_map(|log| shifted(float().boxed(), 1 << log))) {
        let mut expected = x[shift..].to_vec();
        scalar().fht(&mut expected);
        for kernels in faster() {
            let mut y = x.clone();
            kernels.fht(&mut y[shift..]);
            prop_assert_eq!(bits(&y[shift..]), bits(&expected), "{}", kernels.level());
        }
    }
}
