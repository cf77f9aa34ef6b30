//! Searches on their way in: numbers in one array, so that a call reads a handful of values instead of an object.

use gennaker_core::error::{Error, ErrorKind, Result};
use gennaker_core::filter::Filter;
use gennaker_core::search::query::{Fusion, FusionMethod, Include, SearchQuery};
use serde_json::Value;

/// Numbers of one query: `k, offset, method, vector weight, text weight, rrfK, candidates, minScore, flags`. Method 0 is
/// balanced, 1 convex, 2 rrf, 3 dbsf; flags: 1 embed the text, 2 vectors, 4 texts, 8 metadata in hits; NaN is "not set".
pub(crate) const NUMBERS: usize = 9;

/// A query as JavaScript sends it, owned.
pub(crate) struct Sent {
    pub(crate) vector: Option<Vec<f32>>,
    pub(crate) text: Option<String>,
    /// JSON.
    pub(crate) filter: Option<String>,
    pub(crate) numbers: [f64; NUMBERS],
}

impl Sent {
    /// # Errors
    /// `InvalidFilter`, `LimitExceeded`, `Unsupported` of the filter.
    pub(crate) fn parse(self) -> Result<SearchQuery> {
        let [k, offset, method, vector_weight, text_weight, rrf_k, candidates, min_score, flags] = self.numbers;
        let set = |number: f64| Some(number).filter(|number| !number.is_nan());
        let flags = flags as u32;
        let flag = |bit: u32| flags & bit != 0;
        Ok(SearchQuery {
            vector: self.vector,
            text: self.text,
            embed_text: flag(1),
            filter: self.filter.as_deref().map(filter).transpose()?,
            k: k as u32,
            offset: offset as u32,
            fusion: Fusion {
                method: match method as u32 {
                    1 => FusionMethod::Convex,
                    2 => FusionMethod::Rrf,
                    3 => FusionMethod::Dbsf,
                    _ => FusionMethod::Balanced,
                },
                vector_weight: set(vector_weight),
                text_weight: set(text_weight),
                rrf_k: set(rrf_k),
                candidates: set(candidates).map(|candidates| candidates as u32),
            },
            min_score: set(min_score),
            include: Include { vector: flag(2), text: flag(4), metadata: flag(8) },
        })
    }
}

/// A filter out of its JSON.
///
/// # Errors
/// `InvalidFilter` when it is no JSON, and those of `Filter::parse`.
pub(crate) fn filter(json: &str) -> Result<Filter> {
    let value: Value = serde_json::from_str(json)
        .map_err(|error| Error::new(ErrorKind::InvalidFilter, format!("the filter is no JSON: {error}")))?;
    Filter::parse(&value)
}

/// The numbers of `queries` queries.
///
/// # Errors
/// `InvalidArg` when there are not [`NUMBERS`] for each.
pub(crate) fn numbers(flat: &[f64], queries: usize) -> napi::Result<Vec<[f64; NUMBERS]>> {
    let (chunks, rest) = flat.as_chunks::<NUMBERS>();
    if chunks.len() != queries || !rest.is_empty() {
        let message = format!("{} numbers were sent for {queries} queries, {NUMBERS} are wanted for each", flat.len());
        return Err(napi::Error::new(napi::Status::InvalidArg, message));
    }
    Ok(chunks.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: f64 = f64::NAN;

    fn sent(numbers: [f64; NUMBERS]) -> SearchQuery {
        Sent { vector: None, text: None, filter: None, numbers }.parse().unwrap()
    }

    #[test]
    fn nan_is_not_set() {
        let query = sent([10.0, 0.0, 0.0, N, N, N, N, N, 13.0]);
        assert_eq!(query.fusion, Fusion::default());
        assert_eq!((query.k, query.offset, query.min_score, query.embed_text), (10, 0, None, true));
        assert_eq!(query.include, Include { vector: false, text: true, metadata: true });
    }

    #[test]
    fn every_number_has_its_place() {
        let query = sent([7.0, 3.0, 2.0, 0.25, 0.75, 60.0, 200.0, -0.5, 2.0]);
        let fusion = Fusion {
            method: FusionMethod::Rrf,
            vector_weight: Some(0.25),
            text_weight: Some(0.75),
            rrf_k: Some(60.0),
            candidates: Some(200),
        };
        assert_eq!((query.k, query.offset, query.fusion, query.min_score), (7, 3, fusion, Some(-0.5)));
        assert_eq!(query.include, Include { vector: true, text: false, metadata: false });
    }

    #[test]
    fn numbers_must_fill_every_query() {
        assert_eq!(numbers(&[0.0; 2 * NUMBERS], 2).unwrap().len(), 2);
        assert!(numbers(&[0.0; 2 * NUMBERS - 1], 2).is_err());
        assert!(numbers(&[0.0; NUMBERS], 2).is_err());
    }
}
