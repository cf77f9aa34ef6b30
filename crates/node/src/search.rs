//! Answers of searches on their way out, as columns.

use gennaker_core::search::query::{Hit, SearchResult};
use napi_derive::napi;

use crate::columns::{F64s, Strings, StringsBuilder, Vectors, VectorsBuilder};
use crate::documents::text_to_json;

/// Hits, best first, one row each, and the state that answered.
#[napi(object, object_from_js = false)]
pub struct Hits {
    /// The generation that answered.
    pub generation: f64,
    /// The newest batch that it saw.
    pub sequence: f64,
    /// Ids.
    pub ids: Strings,
    /// Score, vector score, text score of each hit; NaN where a leg has none.
    #[napi(ts_type = "Float64Array")]
    pub scores: F64s,
    /// JSON texts, `""` for none; absent unless asked for.
    pub texts: Option<Strings>,
    /// JSON objects, `""` for none; absent unless asked for.
    pub metadata: Option<Strings>,
    /// Vectors; absent unless asked for.
    pub vectors: Option<Vectors>,
}

/// Which columns to make.
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) vectors: bool,
    pub(crate) texts: bool,
    pub(crate) metadata: bool,
}

pub(crate) fn to_columns(result: &SearchResult, wanted: Wanted) -> Hits {
    let hits = &result.hits;
    let mut scores = Vec::with_capacity(3 * hits.len());
    for hit in hits {
        scores.extend([hit.score, hit.vector_score.unwrap_or(f64::NAN), hit.text_score.unwrap_or(f64::NAN)]);
    }
    Hits {
        generation: result.generation as f64,
        sequence: result.sequence as f64,
        ids: strings(hits, |hit, column| column.push(&hit.id)),
        scores: F64s(scores),
        texts: wanted.texts.then(|| {
            strings(hits, |hit, column| column.push(&hit.text.as_ref().map_or_else(String::new, text_to_json)))
        }),
        metadata: wanted
            .metadata
            .then(|| strings(hits, |hit, column| column.push(hit.metadata.as_deref().unwrap_or("")))),
        vectors: wanted.vectors.then(|| {
            let mut column = VectorsBuilder::default();
            for hit in hits {
                column.push(hit.vector.as_deref());
            }
            column.finish()
        }),
    }
}

fn strings(hits: &[Hit], push: impl Fn(&Hit, &mut StringsBuilder)) -> Strings {
    let mut column = StringsBuilder::default();
    for hit in hits {
        push(hit, &mut column);
    }
    column.finish()
}
