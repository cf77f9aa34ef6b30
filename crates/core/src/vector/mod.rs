//! Vectors: columns of raw values and the exact scan over them. Deals in slices and never opens a file.

pub mod flat;

use crate::document::Metric;

/// The raw vectors of a run of rows.
#[derive(Clone, Copy)]
pub struct VectorColumn<'a> {
    /// `[rows * dimension]`, row after row, as the user gave them; a row without a vector is all zero.
    pub values: &'a [f32],
    /// `[rows]`: what a dot product with the row is multiplied by: 1 / norm under cosine, 1 otherwise; 0 = no vector.
    pub scales: &'a [f32],
    /// Components per vector.
    pub dimension: usize,
}

impl<'a> VectorColumn<'a> {
    /// The vector of a row, when it has one.
    #[must_use]
    pub fn get(&self, row: u32) -> Option<&'a [f32]> {
        let row = row as usize;
        (self.scales[row] > 0.0).then(|| &self.values[row * self.dimension..(row + 1) * self.dimension])
    }
}

/// The scale of a vector in its column, see [`VectorColumn::scales`].
#[must_use]
pub fn scale_of(metric: Metric, vector: &[f32]) -> f32 {
    match metric {
        Metric::Cosine => {
            let norm = vector.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt();
            // A vector too small or too large for 1/norm in f32 still counts as present.
            ((1.0 / norm) as f32).clamp(f32::MIN_POSITIVE, f32::MAX)
        }
        Metric::Dot | Metric::L2 | Metric::L1 => 1.0,
    }
}
