//! Randomized truncated singular value decomposition, by its right side only.

use gennaker_kernels::Kernels;
use nalgebra::{DMatrix, SymmetricEigen};

use super::corpus::{Corpus, check};
use super::panels::{Panels, gram_times, inner, times};
use crate::embed::FitOptions;
use crate::error::{Error, ErrorKind, Result};

/// Columns of the sketch beyond the wanted rank: the random start then misses little of the wanted subspace.
const OVERSAMPLING: usize = 16;
/// Multiplications of the sketch by AᵀA before the small problem is solved.
const POWER_ITERATIONS: usize = 3;
/// Directions of relative squared length below this are rounding of f32 sums, not data.
const RANK_TOLERANCE: f64 = 1e-10;
/// A sketch worse conditioned than this is orthonormalized a second time.
const CONDITION_TOLERANCE: f64 = 1e-3;
/// Far above the two or three sweeps per eigenvalue that the QR algorithm takes.
const MAX_EIGEN_ITERATIONS: usize = 100_000;

/// The leading singular values of the documents-by-terms matrix A and its right singular vectors.
pub(super) struct Factors {
    /// Descending; as many as the rank, at most those asked for.
    pub(super) values: Vec<f64>,
    /// Terms × rank, column i belonging to `values[i]`; in each column the entry of largest magnitude (the first of equals)
    /// is positive.
    pub(super) vectors: Panels,
}

/// The `rank` leading singular triplets of `corpus` without their left vectors, which folding in makes superfluous.
///
/// Subspace iteration with AᵀA from a random sketch, orthonormalized after every product, then Rayleigh-Ritz: Halko,
/// Martinsson & Tropp 2011 (arXiv:0909.4061), algorithm 4.4 turned to the side of the terms, and 5.1. `None` when the
/// matrix has no direction at all. `O(entries · rank + terms · rank²)`.
pub(super) fn leading_factors(
    corpus: &Corpus,
    rank: usize,
    options: &FitOptions<'_>,
    kernels: &'static Kernels,
) -> Result<Option<Factors>> {
    let terms = corpus.terms.len();
    let width = (rank + OVERSAMPLING).min(terms);
    let mut q = Panels::random(terms, width, options.seed, options.threads, kernels);
    let report = |pass: usize| (options.progress)(0.2 + 0.75 * pass as f64 / (POWER_ITERATIONS + 1) as f64);
    report(0);
    for pass in 1..=POWER_ITERATIONS {
        let product = gram_times(corpus, &q, options)?;
        match orthonormal(&product, options)? {
            Some(basis) => q = basis,
            None => return Ok(None),
        }
        report(pass);
    }
    let product = gram_times(corpus, &q, options)?;
    let small = symmetric_eigen(q.columns, inner(&q, &product))?;
    let kept: Vec<&(f64, Vec<f64>)> = small.iter().take(rank).take_while(|(value, _)| *value > 0.0).collect();
    if kept.is_empty() {
        return Ok(None);
    }
    let columns = kept.len();
    let mut rotation = vec![0.0_f32; q.columns * columns];
    for (j, (_, vector)) in kept.iter().enumerate() {
        for (i, x) in vector.iter().enumerate() {
            rotation[i * columns + j] = *x as f32;
        }
    }
    let mut vectors = times(&q, &rotation, columns);
    vectors.fix_signs();
    report(POWER_ITERATIONS + 1);
    Ok(Some(Factors { values: kept.iter().map(|(value, _)| value.sqrt()).collect(), vectors }))
}

/// An orthonormal basis of the columns of `y`, fewer when they are dependent; `None` when all are zero.
/// By the eigenvectors of the scaled Gram matrix: Stathopoulos & Wu 2002, SVQB.
fn orthonormal(y: &Panels, options: &FitOptions<'_>) -> Result<Option<Panels>> {
    let Some((basis, condition)) = orthonormal_once(y, options)? else { return Ok(None) };
    if condition >= CONDITION_TOLERANCE {
        return Ok(Some(basis));
    }
    Ok(orthonormal_once(&basis, options)?.map(|(basis, _)| basis))
}

/// The basis, and the smallest kept eigenvalue over the largest.
fn orthonormal_once(y: &Panels, options: &FitOptions<'_>) -> Result<Option<(Panels, f64)>> {
    check(options)?;
    let n = y.columns;
    let mut gram = inner(y, y);
    let scale: Vec<f64> = (0..n).map(|i| gram[i * n + i]).map(|d| if d > 0.0 { 1.0 / d.sqrt() } else { 0.0 }).collect();
    for (i, row) in gram.chunks_exact_mut(n).enumerate() {
        for (x, s) in row.iter_mut().zip(&scale) {
            *x *= scale[i] * s;
        }
    }
    let eigen = symmetric_eigen(n, gram)?;
    let largest = eigen[0].0;
    let kept: Vec<&(f64, Vec<f64>)> =
        eigen.iter().take_while(|(value, _)| *value > 0.0 && *value > largest * RANK_TOLERANCE).collect();
    let Some((smallest, _)) = kept.last() else { return Ok(None) };
    let columns = kept.len();
    let mut w = vec![0.0_f32; n * columns];
    for (j, (value, vector)) in kept.iter().enumerate() {
        let length = value.sqrt();
        for (i, x) in vector.iter().enumerate() {
            w[i * columns + j] = (x * scale[i] / length) as f32;
        }
    }
    Ok(Some((times(y, &w, columns), smallest / largest)))
}

/// Eigenvalues and unit eigenvectors of a symmetric `n × n` matrix, `n >= 1`, largest value first, ties in the solver's order.
fn symmetric_eigen(n: usize, matrix: Vec<f64>) -> Result<Vec<(f64, Vec<f64>)>> {
    let matrix = DMatrix::from_row_slice(n, n, &matrix);
    let eigen = SymmetricEigen::try_new(matrix, f64::EPSILON, MAX_EIGEN_ITERATIONS).ok_or_else(|| {
        Error::new(
            ErrorKind::Internal,
            format!("the {n} x {n} eigenproblem of the embedding did not converge; please report it."),
        )
    })?;
    let mut pairs: Vec<(f64, Vec<f64>)> = (eigen.eigenvalues.iter().zip(eigen.eigenvectors.column_iter()))
        .map(|(value, vector)| (*value, vector.iter().copied().collect()))
        .collect();
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::tests::topics;

    fn corpus(documents: usize, words: usize) -> Corpus {
        Corpus::collect(&mut topics(documents, words).into_iter().map(Ok), &FitOptions::default()).unwrap()
    }

    fn dense(corpus: &Corpus) -> DMatrix<f64> {
        let mut matrix = DMatrix::zeros(corpus.rows(), corpus.terms.len());
        for i in 0..corpus.rows() {
            for &(j, x) in corpus.row(i) {
                matrix[(i, j as usize)] = f64::from(x);
            }
        }
        matrix
    }

    fn vectors(factors: &Factors) -> DMatrix<f64> {
        let mut rows = vec![0.0; factors.vectors.rows * factors.vectors.columns];
        for (i, row) in rows.chunks_exact_mut(factors.vectors.columns).enumerate() {
            factors.vectors.copy_row(i, row);
        }
        DMatrix::from_row_slice(factors.vectors.rows, factors.vectors.columns, &rows).map(f64::from)
    }

    fn check_against_dense(documents: usize, words: usize, rank: usize, tolerance: f64) -> Factors {
        let corpus = corpus(documents, words);
        let kernels = gennaker_kernels::kernels();
        let factors = leading_factors(&corpus, rank, &FitOptions::default(), kernels).unwrap().unwrap();
        let matrix = dense(&corpus);
        let mut exact: Vec<f64> = matrix.singular_values().iter().copied().collect();
        exact.sort_by(|a, b| b.total_cmp(a));
        for (found, exact) in factors.values.iter().zip(&exact) {
            assert!((found - exact).abs() <= tolerance * exact, "{found} instead of {exact}");
        }
        let v = vectors(&factors);
        let identity = v.transpose() * &v;
        assert!((identity - DMatrix::identity(v.ncols(), v.ncols())).amax() < 1e-5);
        // Each is an eigenvector: the residual of AᵀA v = σ² v is small beside σ₁².
        let residual = matrix.transpose() * (&matrix * &v)
            - &v * DMatrix::from_diagonal(&nalgebra::DVector::from_iterator(
                v.ncols(),
                factors.values.iter().map(|value| value * value),
            ));
        assert!(residual.amax() < tolerance * exact[0] * exact[0], "residual {}", residual.amax());
        factors
    }

    #[test]
    fn a_sketch_of_full_width_finds_all_factors() {
        let factors = check_against_dense(60, 40, 128, 1e-4);
        assert!(factors.values.len() > 30, "{}", factors.values.len());
    }

    #[test]
    fn a_narrow_sketch_finds_the_leading_factors() {
        let factors = check_against_dense(400, 300, 6, 0.02);
        assert_eq!(factors.values.len(), 6);
    }

    #[test]
    fn fewer_documents_than_columns_give_their_rank() {
        assert_eq!(check_against_dense(12, 300, 128, 1e-4).values.len(), 12);
    }

    #[test]
    fn the_largest_entry_of_each_vector_is_positive() {
        let factors = check_against_dense(60, 40, 128, 1e-4);
        for column in vectors(&factors).column_iter() {
            assert!(column.iter().copied().fold(0.0_f64, |most, x| if x.abs() > most.abs() { x } else { most }) > 0.0);
        }
    }
}
