//! Fusion: one score out of a text score and a vector score, both exact, over the union of what the legs proposed.

use super::query::{Fusion, FusionMethod};

/// Standard deviations of cosine below this say nothing.
const MIN_DEVIATION: f64 = 0.001;
/// The constant of reciprocal rank fusion, Cormack, Clarke & Büttcher 2009.
const RRF_K: f64 = 60.0;

/// What the formulas need of a query beside the documents' scores.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// U(q): the largest BM25 score that the query could have; 0 when no word is known.
    pub upper_bound: f64,
    /// Mean and standard deviation of the vector score over the collection; `None` without a vector leg.
    pub spread: Option<(f64, f64)>,
    /// λ where the query sets none.
    pub lambda: f64,
}

/// Both scores of one document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores {
    /// `None` when the document or the query has no vector.
    pub vector: Option<f64>,
    /// 0 when no word matches.
    pub text: f64,
}

/// The fused scores of `documents`, which must be in ascending order of id: ranks break ties that way.
///
/// - `Balanced`: `bm25 / U + λ · (vector − μ) / σ` (FUSION.md). A term without meaning (no known word, σ < 0.001, no vector)
///   is 0.
/// - `Convex`: `w · norm(vector) + (1 − w) · norm(text)`, min-max over the union (Bruch, Gai & Ingber 2022,
///   arXiv:2210.11934); weights default to 0.5.
/// - `Rrf`: `Σ weight / (k + rank)` with ranks in the union; a document that a leg does not score has no rank there.
/// - `Dbsf`: like `Convex` with scores normalised by mean ± 3 standard deviations of the union, cut to 0..1.
#[must_use]
pub fn fuse(documents: &[Scores], fusion: &Fusion, context: &Context) -> Vec<f64> {
    let (vector_weight, text_weight) = (fusion.vector_weight, fusion.text_weight);
    match fusion.method {
        FusionMethod::Balanced => {
            let (lambda, text_weight) = (vector_weight.unwrap_or(context.lambda), text_weight.unwrap_or(1.0));
            let balanced = |scores: &Scores| {
                let text =
                    if context.upper_bound > 0.0 { text_weight * scores.text / context.upper_bound } else { 0.0 };
                let vector = match (scores.vector, context.spread) {
                    (Some(score), Some((mean, deviation))) if deviation >= MIN_DEVIATION => (score - mean) / deviation,
                    _ => 0.0,
                };
                text + lambda * vector
            };
            documents.iter().map(balanced).collect()
        }
        FusionMethod::Rrf => {
            let k = fusion.rrf_k.unwrap_or(RRF_K);
            let vector = ranks(documents, |scores| scores.vector);
            let text = ranks(documents, |scores| (scores.text > 0.0).then_some(scores.text));
            let share = |rank: Option<usize>, weight: Option<f64>| {
                rank.map_or(0.0, |rank| weight.unwrap_or(1.0) / (k + rank as f64))
            };
            vector.into_iter().zip(text).map(|(v, t)| share(v, vector_weight) + share(t, text_weight)).collect()
        }
        FusionMethod::Convex | FusionMethod::Dbsf => {
            let bounds = if fusion.method == FusionMethod::Convex { min_max } else { three_deviations };
            let vectors: Vec<f64> = documents.iter().filter_map(|scores| scores.vector).collect();
            let texts: Vec<f64> = documents.iter().map(|scores| scores.text).collect();
            let (vector, text) = (bounds(&vectors), bounds(&texts));
            let (vw, tw) = match (vector_weight, text_weight) {
                (Some(vector), None) => (vector, 1.0 - vector),
                (None, Some(text)) => (1.0 - text, text),
                (vector, text) => (vector.unwrap_or(0.5), text.unwrap_or(0.5)),
            };
            let mixed = |scores: &Scores| {
                vw * scores.vector.map_or(0.0, |score| normalise(score, vector)) + tw * normalise(scores.text, text)
            };
            documents.iter().map(mixed).collect()
        }
    }
}

/// 1-based ranks by descending score; equal scores keep the documents' order.
fn ranks(documents: &[Scores], score: impl Fn(&Scores) -> Option<f64>) -> Vec<Option<usize>> {
    let mut order: Vec<(f64, usize)> =
        documents.iter().enumerate().filter_map(|(at, scores)| score(scores).map(|score| (score, at))).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut ranks = vec![None; documents.len()];
    for (rank, (_, at)) in order.into_iter().enumerate() {
        ranks[at] = Some(rank + 1);
    }
    ranks
}

fn min_max(scores: &[f64]) -> (f64, f64) {
    scores.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), score| (low.min(*score), high.max(*score)))
}

fn three_deviations(scores: &[f64]) -> (f64, f64) {
    let n = scores.len().max(1) as f64;
    let mean = scores.iter().sum::<f64>() / n;
    let deviation = (scores.iter().map(|score| (score - mean) * (score - mean)).sum::<f64>() / n).sqrt();
    (mean - 3.0 * deviation, mean + 3.0 * deviation)
}

/// 0 at the lower bound, 1 at the upper one; 1 when they are the same, as everybody is equally good then.
fn normalise(score: f64, (low, high): (f64, f64)) -> f64 {
    if high > low { ((score - low) / (high - low)).clamp(0.0, 1.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: Context = Context { upper_bound: 10.0, spread: Some((0.2, 0.1)), lambda: 0.11 };

    fn both(pairs: &[(Option<f64>, f64)]) -> Vec<Scores> {
        pairs.iter().map(|&(vector, text)| Scores { vector, text }).collect()
    }

    fn close(actual: &[f64], expected: &[f64]) {
        assert_eq!(actual.len(), expected.len());
        for (actual, expected) in actual.iter().zip(expected) {
            assert!((actual - expected).abs() < 1e-12, "{actual} != {expected}");
        }
    }

    #[test]
    fn balanced_adds_share_of_the_best_and_deviations() {
        let fused = fuse(&both(&[(Some(0.4), 5.0), (None, 5.0), (Some(0.1), 0.0)]), &Fusion::default(), &CONTEXT);
        close(&fused, &[0.5 + 0.11 * 2.0, 0.5, -0.11]);
    }

    #[test]
    fn balanced_without_a_known_word_ranks_by_the_vector_alone() {
        let context = Context { upper_bound: 0.0, ..CONTEXT };
        close(&fuse(&both(&[(Some(0.3), 0.0)]), &Fusion::default(), &context), &[0.11]);
        let flat = Context { spread: Some((0.2, 0.0001)), ..CONTEXT };
        close(&fuse(&both(&[(Some(0.3), 2.0)]), &Fusion::default(), &flat), &[0.2]);
    }

    #[test]
    fn rrf_gives_no_rank_where_a_leg_has_no_score() {
        let fusion = Fusion { method: FusionMethod::Rrf, ..Fusion::default() };
        let fused = fuse(&both(&[(Some(0.9), 1.0), (Some(0.1), 0.0), (None, 3.0)]), &fusion, &CONTEXT);
        close(&fused, &[1.0 / 61.0 + 1.0 / 62.0, 1.0 / 62.0, 1.0 / 61.0]);
    }

    #[test]
    fn convex_and_dbsf_normalise_over_the_union() {
        let documents = both(&[(Some(1.0), 4.0), (Some(0.0), 0.0), (Some(0.5), 2.0)]);
        let convex = Fusion { method: FusionMethod::Convex, vector_weight: Some(0.75), ..Fusion::default() };
        close(&fuse(&documents, &convex, &CONTEXT), &[1.0, 0.0, 0.5]);
        let dbsf = Fusion { method: FusionMethod::Dbsf, ..Fusion::default() };
        let fused = fuse(&documents, &dbsf, &CONTEXT);
        assert!(fused[0] > fused[2] && fused[2] > fused[1]);
        close(&[fused[2]], &[0.5]);
    }
}
