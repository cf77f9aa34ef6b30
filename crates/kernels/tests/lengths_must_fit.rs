//! Slices that do not fit each other are refused on every level, with a message that names the kernel and the lengths.

use std::panic::{AssertUnwindSafe, catch_unwind};

use gennaker_kernels::{Kernels, MAX_I8_LENGTH, available};

/// The message with which `call` panics on every level.
fn refusal<T>(call: impl Fn(&Kernels) -> T) -> String {
    let mut messages = available().into_iter().map(|level| {
        let kernels = Kernels::at(level).expect("available");
        let panic = catch_unwind(AssertUnwindSafe(|| call(kernels))).err().expect("must panic");
        *panic.downcast::<String>().expect("a formatted message")
    });
    let first = messages.next().expect("scalar is always there");
    assert!(messages.all(|message| message == first));
    first
}

#[test]
fn pairs_of_different_length() {
    assert_eq!(refusal(|k| k.dot(&[1.0; 3], &[1.0; 4])), "dot: lengths differ: 3 and 4");
    assert_eq!(refusal(|k| k.l2_squared(&[1.0; 3], &[])), "l2_squared: lengths differ: 3 and 0");
    assert_eq!(refusal(|k| k.l1(&[], &[1.0; 4])), "l1: lengths differ: 0 and 4");
    assert_eq!(refusal(|k| k.cosine(&[1.0; 3], &[1.0; 4])), "cosine: lengths differ: 3 and 4");
    assert_eq!(refusal(|k| k.axpy(1.0, &[1.0; 3], &mut [1.0; 2])), "axpy: lengths differ: 3 and 2");
    assert_eq!(refusal(|k| k.dot_i8(&[1; 64], &[1; 65])), "dot_i8: lengths differ: 64 and 65");
    assert_eq!(refusal(|k| k.hamming(&[1; 64], &[1; 65])), "hamming: lengths differ: 64 and 65");
}

#[test]
fn rows_that_are_not_rows() {
    let scan = |k: &Kernels, query: usize, rows: usize, dimension: usize, out: usize| {
        k.dot_many(&vec![0.0; query], &vec![0.0; rows], dimension, &mut vec![0.0; out]);
    };
    let message = "dot_many: lengths differ: the query has 3, the dimension is 4";
    assert_eq!(refusal(|k| scan(k, 3, 8, 4, 2)), message);
    assert_eq!(refusal(|k| scan(k, 4, 9, 4, 2)), "dot_many: lengths differ: 9 floats are not 2 rows of 4");
    assert_eq!(refusal(|k| scan(k, 0, 1, 0, 2)), "dot_many: lengths differ: 1 floats are not 2 rows of 0");
    refusal(|k| k.l2_squared_many(&[0.0; 4], &[0.0; 8], 4, &mut [0.0; 3]));
    refusal(|k| k.l1_many(&[0.0; 4], &[0.0; 8], 4, &mut [0.0; 1]));
    refusal(|k| {
        let (query, mut out) = ([0.0; 4], [[0.0; 2]; 3]);
        let [a, b, c] = &mut out;
        k.dot_batch4([&query, &query, &query, &query], &[0.0; 8], 4, [a, b, c, &mut [0.0; 1]]);
    });
}

#[test]
fn codes_that_are_not_half_the_query() {
    let message = "dot_u4_i8 (bytes of codes): lengths differ: 2 and 3";
    assert_eq!(refusal(|k| k.dot_u4_i8(&[0; 2], &[0; 5])), message);
    refusal(|k| k.dot_u4_i8(&[0; 4], &[0; 6]));
    refusal(|k| k.dot_u4_i8_x4([&[0; 3], &[0; 3], &[0; 3], &[0; 2]], &[0; 6]));
}

#[test]
fn lengths_whose_sum_may_not_fit() {
    let long = vec![0; MAX_I8_LENGTH + 1];
    let message = "dot_i8: 131072 elements are more than 131071, the sum may not fit";
    assert_eq!(refusal(|k| k.dot_i8(&long, &long)), message);
    let codes = vec![0; long.len().div_ceil(2)];
    refusal(|k| k.dot_u4_i8(&codes, &long));
    refusal(|k| k.dot_u4_i8_x4([&codes; 4], &long));
}

#[test]
fn transforms_of_odd_length() {
    assert_eq!(refusal(|k| k.fht(&mut [0.0; 12])), "fht: length 12 is not a power of two");
    for level in available() {
        Kernels::at(level).expect("available").fht(&mut []);
    }
}
