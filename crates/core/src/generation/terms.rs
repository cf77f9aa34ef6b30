//! The counted words that the built-in embedder sees, of documents and of queries.

use std::collections::BTreeMap;

use super::state::Collection;
use crate::document::Document;
use crate::error::Result;
use crate::text::analyze::Analyzer;

impl Collection {
    /// Words of all text fields together, each field analysed in its language, in ascending order.
    pub fn term_counts(&self, document: &Document) -> Result<Vec<(String, u32)>> {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for (name, text) in document.text.iter().flat_map(|text| text.fields()) {
            let language =
                self.schema.text.iter().find(|field| field.name == name).map(|field| field.language.as_str());
            let analyzer = Analyzer::for_language(language.unwrap_or("english"))?;
            for (term, count) in analyzer.term_counts(text) {
                *counts.entry(term).or_default() += count;
            }
        }
        Ok(counts.into_iter().collect())
    }

    /// Words of a query, analysed in every language of the collection, in ascending order.
    pub fn query_counts(&self, text: &str) -> Result<Vec<(String, u32)>> {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        let mut languages: Vec<&str> = self.schema.text.iter().map(|field| field.language.as_str()).collect();
        languages.sort_unstable();
        languages.dedup();
        for language in languages {
            for (term, count) in Analyzer::for_language(language)?.term_counts(text) {
                let known = counts.entry(term).or_default();
                *known = count.max(*known);
            }
        }
        Ok(counts.into_iter().collect())
    }
}
