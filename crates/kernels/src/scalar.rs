//! The oracle: every kernel as its definition, in plain Rust.
//!
//! Also the fallback of CPUs without a faster level. `f32::mul_add` is exact everywhere, but without hardware support it is a
//! library call per element, so this level is slow on such machines rather than different.

pub(crate) static TABLE: crate::table::Table = crate::table::table!(crate::scalar, crate::scalar);

const LANES: usize = 16;

fn sum(a: &[f32], b: &[f32], add: impl Fn(f32, f32, f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    for (a, b) in a.chunks(LANES).zip(b.chunks(LANES)) {
        for (j, lane) in lanes.iter_mut().enumerate() {
            let (x, y) = (a.get(j).copied().unwrap_or(0.0), b.get(j).copied().unwrap_or(0.0));
            *lane = add(*lane, x, y);
        }
    }
    for half in [8, 4, 2, 1] {
        for j in 0..half {
            lanes[j] += lanes[j + half];
        }
    }
    lanes[0]
}

pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    sum(a, b, |lane, x, y| x.mul_add(y, lane))
}

pub(crate) fn l2_squared(a: &[f32], b: &[f32]) -> f32 {
    sum(a, b, |lane, x, y| (x - y).mul_add(x - y, lane))
}

pub(crate) fn l1(a: &[f32], b: &[f32]) -> f32 {
    sum(a, b, |lane, x, y| lane + (x - y).abs())
}

fn each_row(query: &[f32], rows: &[f32], out: &mut [f32], kernel: impl Fn(&[f32], &[f32]) -> f32) {
    for (i, score) in out.iter_mut().enumerate() {
        *score = kernel(query, &rows[i * query.len()..][..query.len()]);
    }
}

pub(crate) fn dot_many(query: &[f32], rows: &[f32], out: &mut [f32]) {
    each_row(query, rows, out, dot);
}

pub(crate) fn l2_squared_many(query: &[f32], rows: &[f32], out: &mut [f32]) {
    each_row(query, rows, out, l2_squared);
}

pub(crate) fn l1_many(query: &[f32], rows: &[f32], out: &mut [f32]) {
    each_row(query, rows, out, l1);
}

pub(crate) fn dot_batch4(queries: [&[f32]; 4], rows: &[f32], out: [&mut [f32]; 4]) {
    for (query, out) in queries.into_iter().zip(out) {
        dot_many(query, rows, out);
    }
}

pub(crate) fn axpy(alpha: f32, x: &[f32], y: &mut [f32]) {
    for (x, y) in x.iter().zip(y) {
        *y = alpha.mul_add(*x, *y);
    }
}

pub(crate) fn fht(x: &mut [f32]) {
    let mut half = 1;
    while half < x.len() {
        for i in (0..x.len()).filter(|i| i & half == 0) {
            (x[i], x[i + half]) = (x[i] + x[i + half], x[i] - x[i + half]);
        }
        half *= 2;
    }
}

pub(crate) fn dot_i8(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(&x, &y)| i32::from(x) * i32::from(y)).sum()
}

pub(crate) fn dot_u4_i8(codes: &[u8], query: &[i8]) -> i32 {
    let code = |i: usize| if i.is_multiple_of(2) { codes[i / 2] & 15 } else { codes[i / 2] >> 4 };
    query.iter().enumerate().map(|(i, &q)| i32::from(code(i)) * i32::from(q)).sum()
}

pub(crate) fn dot_u4_i8_x4(codes: [&[u8]; 4], query: &[i8]) -> [i32; 4] {
    codes.map(|row| dot_u4_i8(row, query))
}

pub(crate) fn hamming(a: &[u8], b: &[u8]) -> u32 {
    a.iter().zip(b).map(|(&x, &y)| (x ^ y).count_ones()).sum()
}
