//! Nanoseconds per call and level: `cargo bench -p gennaker-kernels`, best of several rounds, at 384 dimensions unless said.
//!
//! The scans run over 1,024 rows (1.5 MB, inside most second-level caches); GB/s counts the bytes of the rows once per pass.

#![allow(clippy::print_stdout)] // a program whose output is its purpose

use std::hint::black_box;
use std::time::Instant;

use gennaker_kernels::{Kernels, available};

const DIMENSION: usize = 384;
const ROWS: usize = 1_024;
const ROUNDS: usize = 15;

/// The best mean of `calls` calls, in nanoseconds.
fn best<T>(calls: usize, mut call: impl FnMut() -> T) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..calls {
            black_box(call());
        }
        best = best.min(start.elapsed().as_nanos() as f64 / calls as f64);
    }
    best
}

fn floats(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        })
        .collect()
}

fn report(kernels: &Kernels) {
    let rows = floats(DIMENSION * ROWS, 1);
    let queries = floats(DIMENSION * 4, 2);
    let query = |q: usize| &queries[q * DIMENSION..][..DIMENSION];
    let (a, b) = (query(0), query(1));
    let bytes: Vec<u8> = rows.iter().map(|value| (value * 127.0) as i8 as u8).collect();
    let signed: Vec<i8> = bytes.iter().map(|byte| byte.cast_signed()).collect();
    let code = |r: usize| &bytes[r * DIMENSION / 2..][..DIMENSION / 2];
    let (x, y) = (&signed[..DIMENSION], &signed[DIMENSION..2 * DIMENSION]);

    let row = |name: &str, nanoseconds: f64| println!("{:8} {name:16} {nanoseconds:10.1} ns", kernels.level());
    row("dot", best(2_000, || kernels.dot(black_box(a), black_box(b))));
    row("l2_squared", best(2_000, || kernels.l2_squared(black_box(a), black_box(b))));
    row("l1", best(2_000, || kernels.l1(black_box(a), black_box(b))));
    row("dot_i8", best(2_000, || kernels.dot_i8(black_box(x), black_box(y))));
    row("dot_u4_i8", best(2_000, || kernels.dot_u4_i8(black_box(code(0)), black_box(x))));
    let codes = [code(0), code(1), code(2), code(3)];
    row("dot_u4_i8_x4", best(2_000, || kernels.dot_u4_i8_x4(black_box(codes), black_box(x))));
    row("hamming 48 B", best(2_000, || kernels.hamming(black_box(&bytes[..48]), &bytes[48..96])));
    let mut target = b.to_vec();
    row("axpy", best(2_000, || kernels.axpy(black_box(1e-9), black_box(a), &mut target)));
    row(
        "fht 512",
        best(500, || {
            target.resize(512, 0.0);
            target.fill(1.0);
            kernels.fht(black_box(&mut target));
        }),
    );

    let mut out = vec![0.0; 4 * ROWS];
    let scan = |name: &str, queries: usize, nanoseconds: f64| {
        let gigabytes = (rows.len() * size_of::<f32>()) as f64 / nanoseconds;
        let each = nanoseconds / (ROWS * queries) as f64;
        println!("{:8} {name:16} {each:10.1} ns per distance {gigabytes:8.1} GB/s", kernels.level());
    };
    scan("dot_many", 1, best(4, || kernels.dot_many(black_box(a), &rows, DIMENSION, &mut out[..ROWS])));
    scan("l2_squared_many", 1, best(4, || kernels.l2_squared_many(black_box(a), &rows, DIMENSION, &mut out[..ROWS])));
    scan("l1_many", 1, best(4, || kernels.l1_many(black_box(a), &rows, DIMENSION, &mut out[..ROWS])));
    let batch = best(4, || {
        let (first, rest) = out.split_at_mut(ROWS);
        let (second, rest) = rest.split_at_mut(ROWS);
        let (third, fourth) = rest.split_at_mut(ROWS);
        kernels.dot_batch4(black_box([0, 1, 2, 3].map(query)), &rows, DIMENSION, [first, second, third, fourth]);
    });
    scan("dot_batch4", 4, batch);
    black_box(&out);
}

fn main() {
    for level in available() {
        report(Kernels::at(level).expect("the list holds what can run"));
    }
}
