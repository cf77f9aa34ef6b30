//! The exact scan: the score of every row, straight from the raw values.

use std::ops::Range;

use gennaker_kernels::kernels;

use super::VectorColumn;
use crate::document::Metric;

/// Rows scored between two looks at the cancel flag: about 2 MB of values at 384 dimensions.
const BLOCK_ROWS: usize = 1024;

/// Scores rows `range` of `column`: larger is better, NaN for a row without a vector. `None` once `cancelled`.
///
/// `query`: `[dimension]`, finite; of unit length under cosine, see [`prepare`]. O(rows · dimension), bit-identical on every
/// machine.
pub fn scan(
    column: &VectorColumn<'_>,
    range: Range<u32>,
    metric: Metric,
    query: &[f32],
    cancelled: &dyn Fn() -> bool,
) -> Option<Vec<f32>> {
    let range = range.start as usize..range.end as usize;
    let mut scores = vec![0.0f32; range.len()];
    let kernels = kernels();
    let blocks = scores.chunks_mut(BLOCK_ROWS).zip((range.start..).step_by(BLOCK_ROWS));
    for (out, start) in blocks {
        if cancelled() {
            return None;
        }
        let rows = &column.values[start * column.dimension..(start + out.len()) * column.dimension];
        match metric {
            Metric::Cosine | Metric::Dot => kernels.dot_many(query, rows, column.dimension, out),
            Metric::L2 => kernels.l2_squared_many(query, rows, column.dimension, out),
            Metric::L1 => kernels.l1_many(query, rows, column.dimension, out),
        }
        for (score, scale) in out.iter_mut().zip(&column.scales[start..]) {
            *score = finish(metric, *score, *scale);
        }
    }
    Some(scores)
}

/// The score of one row; `None` when it has no vector. The same bits as [`scan`] gives.
#[must_use]
pub fn score_one(column: &VectorColumn<'_>, row: u32, metric: Metric, query: &[f32]) -> Option<f32> {
    let vector = column.get(row)?;
    let raw = match metric {
        Metric::Cosine | Metric::Dot => kernels().dot(query, vector),
        Metric::L2 => kernels().l2_squared(query, vector),
        Metric::L1 => kernels().l1(query, vector),
    };
    Some(finish(metric, raw, column.scales[row as usize]))
}

/// The form in which a query is scanned: of unit length under cosine, else as it is.
#[must_use]
pub fn prepare(metric: Metric, query: &[f32]) -> Vec<f32> {
    match metric {
        Metric::Cosine => {
            let norm = query.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt();
            query.iter().map(|x| (f64::from(*x) / norm) as f32).collect()
        }
        Metric::Dot | Metric::L2 | Metric::L1 => query.to_vec(),
    }
}

fn finish(metric: Metric, raw: f32, scale: f32) -> f32 {
    if scale <= 0.0 {
        return f32::NAN;
    }
    match metric {
        Metric::Cosine => (raw * scale).clamp(-1.0, 1.0),
        Metric::Dot => raw,
        Metric::L2 => -raw.max(0.0).sqrt(),
        Metric::L1 => -raw,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vector::scale_of;

    #[test]
    fn scores_are_larger_when_nearer_and_absent_rows_are_nan() {
        let values = [1.0, 0.0, 0.0, 2.0, 0.0, 0.0, 3.0, 4.0];
        for (metric, expected) in [
            (Metric::Cosine, [1.0, 0.0, 0.6]),
            (Metric::Dot, [1.0, 0.0, 3.0]),
            (Metric::L2, [0.0, -5f32.sqrt(), -20f32.sqrt()]),
            (Metric::L1, [0.0, -3.0, -6.0]),
        ] {
            let scales: Vec<f32> =
                [0, 1, 3].iter().map(|row| scale_of(metric, &values[row * 2..row * 2 + 2])).collect();
            let scales = [scales[0], scales[1], 0.0, scales[2]];
            let column = VectorColumn { values: &values, scales: &scales, dimension: 2 };
            let query = prepare(metric, &[1.0, 0.0]);
            let scores = scan(&column, 0..4, metric, &query, &|| false).expect("not cancelled");
            assert!(scores[2].is_nan());
            for (row, expected) in [0, 1, 3].into_iter().zip(expected) {
                assert!((scores[row] - expected).abs() < 1e-6, "{metric:?} row {row}: {} != {expected}", scores[row]);
                let one = score_one(&column, row as u32, metric, &query).expect("it has a vector");
                assert_eq!(one.to_bits(), scores[row].to_bits());
            }
            assert!(scan(&column, 0..4, metric, &query, &|| true).is_none());
        }
    }
}
