//! Tall dense matrices cut into panels of columns, one thread each, and the products that a decomposition needs.
//!
//! Every element of a result is computed by exactly one thread, in an order that does not depend on the cut: neither the
//! number of threads nor the width of a panel changes a bit.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use gennaker_kernels::Kernels;

use super::corpus::{Corpus, check};
use crate::embed::FitOptions;
use crate::error::Result;

/// Corpus rows between two polls of `cancel`.
const CANCEL_INTERVAL: usize = 512;
/// Rows that [`inner`] takes at once, so that the small matrix is walked a fourth as often.
const BLOCK: usize = 4;

/// `rows × columns` numbers; panel p holds its range of columns row by row.
pub(super) struct Panels {
    pub(super) rows: usize,
    pub(super) columns: usize,
    panels: Vec<(Range<usize>, Vec<f32>)>,
    kernels: &'static Kernels,
}

impl Panels {
    fn new(rows: usize, columns: usize, threads: usize, kernels: &'static Kernels) -> Self {
        let count = threads.clamp(1, columns.max(1));
        let panels = (0..count)
            .map(|p| {
                let range = p * columns / count..(p + 1) * columns / count;
                (range.clone(), vec![0.0; rows * range.len()])
            })
            .collect();
        Self { rows, columns, panels, kernels }
    }

    /// Entries evenly spread over [-1, 1), the same for the same seed whatever the number of threads.
    ///
    /// `threads` and `kernels` are those of every product made from it.
    pub(super) fn random(rows: usize, columns: usize, seed: u64, threads: usize, kernels: &'static Kernels) -> Self {
        let mut random = Self::new(rows, columns, threads, kernels);
        for (range, values) in &mut random.panels {
            for (row, entries) in values.chunks_exact_mut(range.len()).enumerate() {
                for (column, entry) in range.clone().zip(entries) {
                    let bits = mix(seed ^ mix((row * columns + column) as u64));
                    *entry = (bits >> 40) as f32 / (1 << 23) as f32 - 1.0;
                }
            }
        }
        random
    }

    /// Copies row `index` into `out`, which has `columns` places.
    pub(super) fn copy_row(&self, index: usize, out: &mut [f32]) {
        for (range, values) in &self.panels {
            let width = range.len();
            out[range.clone()].copy_from_slice(&values[index * width..(index + 1) * width]);
        }
    }

    /// Turns every column so that its entry of largest magnitude, the first of equals, is positive.
    pub(super) fn fix_signs(&mut self) {
        for (range, values) in &mut self.panels {
            let width = range.len();
            let mut extreme = vec![0.0_f32; width];
            for row in values.chunks_exact(width) {
                for (extreme, x) in extreme.iter_mut().zip(row) {
                    if x.abs() > extreme.abs() {
                        *extreme = *x;
                    }
                }
            }
            for row in values.chunks_exact_mut(width) {
                for (x, extreme) in row.iter_mut().zip(&extreme) {
                    *x = if *extreme < 0.0 { -*x } else { *x };
                }
            }
        }
    }

    fn copy_row_f64(&self, index: usize, out: &mut [f64]) {
        for (range, values) in &self.panels {
            let width = range.len();
            for (to, from) in out[range.clone()].iter_mut().zip(&values[index * width..]) {
                *to = f64::from(*from);
            }
        }
    }
}

/// AᵀA · `q`, A being the documents by terms of `corpus`; one pass over its rows, no matrix of documents is made.
pub(super) fn gram_times(corpus: &Corpus, q: &Panels, options: &FitOptions<'_>) -> Result<Panels> {
    let mut product = Panels::new(q.rows, q.columns, q.panels.len(), q.kernels);
    let stop = AtomicBool::new(false);
    let work = |(range, y): &mut (Range<usize>, Vec<f32>), x: &[f32], poll: &dyn Fn() -> Result<()>| -> Result<()> {
        let width = range.len();
        let mut image = vec![0.0_f32; width];
        for index in 0..corpus.rows() {
            if index % CANCEL_INTERVAL == 0 {
                poll()?;
                if stop.load(Ordering::Relaxed) {
                    return Ok(());
                }
            }
            image.fill(0.0);
            for &(term, weight) in corpus.row(index) {
                let from = term as usize * width;
                q.kernels.axpy(weight, &x[from..from + width], &mut image);
            }
            for &(term, weight) in corpus.row(index) {
                let to = term as usize * width;
                q.kernels.axpy(weight, &image, &mut y[to..to + width]);
            }
        }
        Ok(())
    };
    thread::scope(|scope| {
        let mut pairs = product.panels.iter_mut().zip(&q.panels);
        let own = pairs.next();
        for (y, x) in pairs {
            let work = &work;
            scope.spawn(move || work(y, &x.1, &|| Ok(())));
        }
        let result = own.map_or(Ok(()), |(y, x)| work(y, &x.1, &|| check(options)));
        if result.is_err() {
            stop.store(true, Ordering::Relaxed);
        }
        result
    })?;
    Ok(product)
}

/// aᵀ · `b` in f64, taken to be symmetric: the upper triangle is computed and mirrored. Row-major, `columns × columns`.
pub(super) fn inner(a: &Panels, b: &Panels) -> Vec<f64> {
    let (n, threads) = (a.columns, a.panels.len());
    let work = |rows: &mut [(usize, &mut [f64])]| {
        let mut left = vec![0.0; BLOCK * n];
        let mut right = vec![0.0; BLOCK * n];
        for start in (0..a.rows).step_by(BLOCK) {
            for (offset, (left, right)) in left.chunks_exact_mut(n).zip(right.chunks_exact_mut(n)).enumerate() {
                if start + offset < a.rows {
                    a.copy_row_f64(start + offset, left);
                    b.copy_row_f64(start + offset, right);
                } else {
                    left.fill(0.0);
                    right.fill(0.0);
                }
            }
            for (i, row) in rows.iter_mut() {
                let i = *i;
                let (w0, w1, w2, w3) = (left[i], left[n + i], left[2 * n + i], left[3 * n + i]);
                let (r0, rest) = right.split_at(n);
                let (r1, rest) = rest.split_at(n);
                let (r2, r3) = rest.split_at(n);
                let columns = row[i..].iter_mut().zip(&r0[i..]).zip(&r1[i..]).zip(&r2[i..]).zip(&r3[i..]);
                for ((((sum, x0), x1), x2), x3) in columns {
                    *sum = (((*sum + w0 * x0) + w1 * x1) + w2 * x2) + w3 * x3;
                }
            }
        }
    };
    let mut product = vec![0.0; n * n];
    let mut shares: Vec<Vec<(usize, &mut [f64])>> = (0..threads).map(|_| Vec::new()).collect();
    for (i, row) in product.chunks_exact_mut(n).enumerate() {
        shares[i % threads].push((i, row));
    }
    on_threads(shares, |mut share| work(&mut share));
    for i in 0..n {
        for j in 0..i {
            product[i * n + j] = product[j * n + i];
        }
    }
    product
}

/// `q` · `w`, with `w` row-major, `q.columns × columns`.
pub(super) fn times(q: &Panels, w: &[f32], columns: usize) -> Panels {
    let mut product = Panels::new(q.rows, columns, q.panels.len(), q.kernels);
    on_threads(product.panels.iter_mut(), |(range, values)| {
        let mut weights = vec![0.0_f32; q.columns];
        for (index, out) in values.chunks_exact_mut(range.len()).enumerate() {
            q.copy_row(index, &mut weights);
            for (weight, row) in weights.iter().zip(w.chunks_exact(columns)) {
                q.kernels.axpy(*weight, &row[range.clone()], out);
            }
        }
    });
    product
}

/// Does each piece of work on a thread of its own, the first on the calling one.
fn on_threads<T: Send>(pieces: impl IntoIterator<Item = T>, work: impl Fn(T) + Sync) {
    thread::scope(|scope| {
        let mut pieces = pieces.into_iter();
        let own = pieces.next();
        for piece in pieces {
            let work = &work;
            scope.spawn(move || work(piece));
        }
        if let Some(piece) = own {
            work(piece);
        }
    });
}

/// The finalizer of SplitMix64 (Steele, Lea & Flood 2014).
fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
