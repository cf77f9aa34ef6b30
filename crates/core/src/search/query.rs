//! What a search asks and what it answers.

use std::sync::Arc;

use crate::document::Text;
use crate::error::{Error, ErrorKind, Result};
use crate::filter::Filter;

/// Largest `k`, and largest `offset + k`.
pub const MAX_K: u32 = 10_000;
/// Longest query text in bytes.
pub const MAX_QUERY_BYTES: usize = 64 * 1024;

/// One search in one namespace of one collection. With a vector only: vector search; with text only, in a collection
/// without the built-in embedder, or with `embed_text` off: BM25; else hybrid.
#[derive(Debug, Clone)]
pub struct SearchQuery {
    /// Of the collection's dimension.
    pub vector: Option<Vec<f32>>,
    /// Words and "quoted phrases".
    pub text: Option<String>,
    /// Whether `text` also becomes a vector through the collection's built-in embedder.
    pub embed_text: bool,
    /// Only documents that match.
    pub filter: Option<Filter>,
    /// Hits wanted, 1 to [`MAX_K`].
    pub k: u32,
    /// Hits to skip before them.
    pub offset: u32,
    /// How two legs become one ranking.
    pub fusion: Fusion,
    /// Hits below this score are left out.
    pub min_score: Option<f64>,
    /// What hits carry.
    pub include: Include,
}

impl Default for SearchQuery {
    fn default() -> Self {
        Self {
            vector: None,
            text: None,
            embed_text: true,
            filter: None,
            k: 10,
            offset: 0,
            fusion: Fusion::default(),
            min_score: None,
            include: Include::default(),
        }
    }
}

/// Formulas of fusion, see [`fuse`](super::fuse).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FusionMethod {
    /// BM25 as a share of the query's best possible score plus λ standard deviations of the vector score.
    #[default]
    Balanced,
    /// Weighted sum of min-max normalised scores.
    Convex,
    /// Reciprocal rank fusion.
    Rrf,
    /// Weighted sum of scores normalised by mean ± 3 standard deviations.
    Dbsf,
}

/// Parameters of fusion.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fusion {
    /// The formula.
    pub method: FusionMethod,
    /// Weight of the vector leg; λ under `Balanced`. `None` is the default of the method and embedder.
    pub vector_weight: Option<f64>,
    /// Weight of the text leg; `None` is 1 under `Balanced`, else as the method says.
    pub text_weight: Option<f64>,
    /// The constant of RRF; `None` is 60.
    pub rrf_k: Option<f64>,
    /// Documents that each leg proposes; at least `offset + k`; `None` is 100.
    pub candidates: Option<u32>,
}

/// What hits carry beside id and scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Include {
    /// The vector.
    pub vector: bool,
    /// The text.
    pub text: bool,
    /// The metadata.
    pub metadata: bool,
}

impl Default for Include {
    fn default() -> Self {
        Self { vector: false, text: true, metadata: true }
    }
}

/// One hit.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The document's id.
    pub id: Arc<str>,
    /// Larger is better.
    pub score: f64,
    /// Score of the vector leg (distances negated); `None` without that leg or without a vector.
    pub vector_score: Option<f64>,
    /// BM25 score, 0 when no word matches; `None` without that leg.
    pub text_score: Option<f64>,
    /// When asked for.
    pub text: Option<Text>,
    /// When asked for: a JSON object as text.
    pub metadata: Option<Box<str>>,
    /// When asked for.
    pub vector: Option<Box<[f32]>>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchResult {
    /// Best first, ties by ascending id in UTF-8 bytes.
    pub hits: Vec<Hit>,
    /// The generation that answered.
    pub generation: u64,
    /// The newest batch that it saw.
    pub sequence: u64,
}

impl SearchQuery {
    /// Checks what needs no collection.
    ///
    /// # Errors
    /// `InvalidQuery` for `k`, `offset` and missing legs, `LimitExceeded` for the text, `NotFinite` for the vector.
    pub fn check(&self) -> Result<()> {
        if self.vector.is_none() && self.text.is_none() {
            return Err(Error::new(
                ErrorKind::InvalidQuery,
                "a search needs a vector or a text; to list documents use scan",
            ));
        }
        if self.k == 0 || self.k > MAX_K {
            return Err(Error::new(ErrorKind::InvalidQuery, format!("k is {}, it must be 1 to {MAX_K}", self.k))
                .with("k", self.k));
        }
        if self.offset.saturating_add(self.k) > MAX_K {
            return Err(Error::new(
                ErrorKind::LimitExceeded,
                format!("offset {} + k {} exceeds {MAX_K}; use scan to read everything", self.offset, self.k),
            )
            .with("offset", self.offset)
            .with("k", self.k));
        }
        if let Some(text) = self.text.as_ref().filter(|text| text.len() > MAX_QUERY_BYTES) {
            return Err(Error::new(
                ErrorKind::LimitExceeded,
                format!("the query text has {} bytes, at most {MAX_QUERY_BYTES} are allowed", text.len()),
            )
            .with("bytes", text.len()));
        }
        let numbers = [self.fusion.vector_weight, self.fusion.text_weight, self.fusion.rrf_k, self.min_score];
        if numbers.iter().flatten().any(|number| !number.is_finite()) {
            return Err(Error::new(ErrorKind::InvalidQuery, "weights, rrfK and minScore must be finite numbers"));
        }
        Ok(())
    }
}
