//! Answers of searches on their way out: one array of numbers and two strings, since every value that crosses costs as
//! much as ten rows of a column.

use gennaker_core::search::query::{Include, SearchResult};
use napi_derive::napi;

use crate::columns::{F64s, Vectors, VectorsBuilder, utf16_length};
use crate::documents::text_to_json;

/// Hits, best first, and the state that answered.
#[napi(object, object_from_js = false)]
pub struct Hits {
    /// `generation, sequence`, then for each hit `score, vector score, text score` (NaN where a leg has none) and the ends
    /// of its id in `ids` and of its text and metadata in `contents`, in UTF-16 units.
    #[napi(ts_type = "Float64Array")]
    pub numbers: F64s,
    /// The ids, one after another: apart from the contents, so that an id that is kept keeps only ids in memory.
    pub ids: String,
    /// Text and metadata of each hit in turn, both JSON; empty for what it lacks, or nobody asked for.
    pub contents: String,
    /// Vectors; absent unless asked for.
    pub vectors: Option<Vectors>,
}

pub(crate) fn to_columns(result: &SearchResult, include: Include) -> Hits {
    let (mut ids, mut contents, mut id_end, mut end) = (String::new(), String::new(), 0, 0);
    let mut numbers = Vec::with_capacity(2 + 6 * result.hits.len());
    numbers.extend([result.generation as f64, result.sequence as f64]);
    for hit in &result.hits {
        ids.push_str(&hit.id);
        id_end += utf16_length(&hit.id);
        let text = hit.text.as_ref().map_or_else(String::new, text_to_json);
        contents.push_str(&text);
        let text_end = end + utf16_length(&text);
        let metadata = hit.metadata.as_deref().unwrap_or("");
        contents.push_str(metadata);
        end = text_end + utf16_length(metadata);
        numbers.extend([
            hit.score,
            hit.vector_score.unwrap_or(f64::NAN),
            hit.text_score.unwrap_or(f64::NAN),
            id_end as f64,
            text_end as f64,
            end as f64,
        ]);
    }
    let vectors = include.vector.then(|| {
        let mut column = VectorsBuilder::default();
        for hit in &result.hits {
            column.push(hit.vector.as_deref());
        }
        column.finish()
    });
    Hits { numbers: F64s(numbers), ids, contents, vectors }
}

#[cfg(test)]
mod tests {
    use gennaker_core::document::Text;
    use gennaker_core::search::query::Hit;

    use super::*;

    #[test]
    fn rows_end_where_the_next_begin() {
        let hit = |id: &str, text: Option<&str>, metadata: Option<&str>| Hit {
            id: id.into(),
            score: 1.5,
            vector_score: Some(0.5),
            text_score: None,
            text: text.map(|text| Text::Plain(text.into())),
            metadata: metadata.map(Box::from),
            vector: None,
        };
        let hits = vec![hit("ä", Some("🙂"), None), hit("bc", None, Some("{}"))];
        let columns = to_columns(&SearchResult { hits, generation: 3, sequence: 9 }, Include::default());
        assert_eq!((columns.ids.as_str(), columns.contents.as_str()), ("äbc", "\"🙂\"{}"));
        let numbers = &columns.numbers.0;
        assert_eq!(numbers[..4], [3.0, 9.0, 1.5, 0.5]);
        assert!(numbers[4].is_nan());
        assert_eq!((&numbers[5..8], &numbers[11..]), (&[1.0, 4.0, 4.0][..], &[3.0, 4.0, 6.0][..]));
        assert!(columns.vectors.is_none());
    }
}
