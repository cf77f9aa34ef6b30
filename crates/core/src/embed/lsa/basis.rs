//! A learned basis: one vector per term, and folding counted terms in.

use std::collections::HashMap;

use gennaker_kernels::Kernels;

use super::corpus::Corpus;
use super::svd::leading_factors;
use crate::embed::stored::{self, Layout, TermVectors};
use crate::embed::{DIMENSION, FitOptions, damped, merge_counts, unit};
use crate::error::Result;

/// Vectors of the terms of a collection: idf · √σ ∘ v, v being the term's row of right singular vectors.
///
/// The exponent of σ was measured on cranfield, cacm and scifact (nDCG@10; BM25 0.513). Vectors alone: 0.395 without σ,
/// 0.384 with √σ, 0.349 with σ; in balanced fusion at λ = 0.03: 0.520, 0.529, 0.528.
///
/// Held as its stored bytes, so that what was just fitted and what was read back embed alike to the last bit.
#[derive(Debug)]
pub struct LsaBasis {
    bytes: Vec<u8>,
    layout: Layout,
    ids: HashMap<Box<str>, u32>,
}

impl LsaBasis {
    /// Learns from `documents`; `None` when fewer than two hold a usable term.
    pub(in crate::embed) fn fit(
        documents: &mut dyn Iterator<Item = Result<Vec<(String, u32)>>>,
        options: &FitOptions<'_>,
        kernels: &'static Kernels,
    ) -> Result<Option<Self>> {
        let corpus = Corpus::collect(documents, options)?;
        if corpus.rows() < 2 {
            return Ok(None);
        }
        // All directions would be a rotation of the term weights, in which words that never meet share nothing.
        let most = (corpus.rows().min(corpus.terms.len()) / 2).clamp(1, DIMENSION);
        let Some(factors) = leading_factors(&corpus, most, options, kernels)? else { return Ok(None) };
        let rank = factors.values.len();
        let mut order: Vec<usize> = (0..corpus.terms.len()).collect();
        order.sort_unstable_by(|&a, &b| corpus.terms[a].cmp(&corpus.terms[b]));
        let mut vectors = TermVectors::new(corpus.documents);
        let mut row = [0.0_f32; DIMENSION];
        for term in order {
            factors.vectors.copy_row(term, &mut row[..rank]);
            for (x, value) in row.iter_mut().zip(&factors.values) {
                *x = (f64::from(*x) * corpus.idf[term] * value.sqrt()) as f32;
            }
            vectors.push(&corpus.terms[term], &row);
        }
        Ok(Some(Self::from_stored(vectors.encode())?))
    }

    /// Takes over stored bytes of kind LSA whose checksum and version were verified; verifies everything else.
    pub(in crate::embed) fn from_stored(bytes: Vec<u8>) -> Result<Self> {
        let layout = Layout::read(&bytes)?;
        let mut ids = HashMap::with_capacity(layout.terms());
        layout.for_each_term(&bytes, |id, term| {
            ids.insert(term.into(), id);
        })?;
        Ok(Self { bytes, layout, ids })
    }

    /// Sum over the known distinct terms of (1 + ln tf) · idf · v, at unit length.
    pub(in crate::embed) fn embed(&self, terms: &[(String, u32)]) -> Option<Vec<f32>> {
        let mut known: Vec<(u32, u32)> =
            terms.iter().filter_map(|(term, count)| Some((*self.ids.get(term.as_str())?, *count))).collect();
        merge_counts(&mut known);
        let mut sum = vec![0.0_f32; DIMENSION];
        for (id, count) in known {
            let (scale, codes) = self.layout.vector(&self.bytes, id as usize);
            let weight = (damped(count) * f64::from(scale)) as f32;
            // Product and sum rounded apart: the same bits on every machine, and compilers vectorize it.
            for (sum, code) in sum.iter_mut().zip(codes) {
                *sum += weight * f32::from(*code as i8);
            }
        }
        unit(sum)
    }

    pub(in crate::embed) fn identity(&self) -> String {
        format!("lsa-{DIMENSION}-{:016x}", stored::checksum(&self.bytes))
    }

    pub(in crate::embed) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}
