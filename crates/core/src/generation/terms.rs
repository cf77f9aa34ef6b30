//! The counted words that the built-in embedder sees, of documents and of queries.

use std::collections::BTreeMap;

use crate::document::{Document, Schema};
use crate::error::Result;
use crate::text::analyze::Analyzer;

/// The analyzers of a schema's text fields. Made once for many documents: analyzers remember stems.
pub struct Terms {
    /// Field and index of its analyzer.
    fields: Vec<(String, usize)>,
    /// One for each language.
    analyzers: Vec<Analyzer>,
}

impl Terms {
    /// For all text fields of `schema`.
    ///
    /// # Errors
    /// `InvalidSchema` for a language that this build does not know.
    pub fn new(schema: &Schema) -> Result<Self> {
        let mut analyzers: Vec<Analyzer> = Vec::new();
        let mut fields = Vec::with_capacity(schema.text.len());
        for field in &schema.text {
            let known = analyzers.iter().position(|analyzer| analyzer.language() == field.language);
            let at = match known {
                Some(at) => at,
                None => {
                    analyzers.push(Analyzer::for_language(&field.language)?);
                    analyzers.len() - 1
                }
            };
            fields.push((field.name.clone(), at));
        }
        Ok(Self { fields, analyzers })
    }

    /// Words of all text fields together, each field analysed in its language, in ascending order.
    #[must_use]
    pub fn of_document(&self, document: &Document) -> Vec<(String, u32)> {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for (name, text) in document.text.iter().flat_map(|text| text.fields()) {
            let Some((_, at)) = self.fields.iter().find(|(field, _)| field == name) else { continue };
            for (term, count) in self.analyzers[*at].term_counts(text) {
                *counts.entry(term).or_default() += count;
            }
        }
        counts.into_iter().collect()
    }

    /// Words of a query, analysed in every language of the schema, in ascending order.
    #[must_use]
    pub fn of_query(&self, text: &str) -> Vec<(String, u32)> {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for (term, count) in self.analyzers.iter().flat_map(|analyzer| analyzer.term_counts(text)) {
            let known = counts.entry(term).or_default();
            *known = count.max(*known);
        }
        counts.into_iter().collect()
    }
}
