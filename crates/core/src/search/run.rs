//! A search from query to hits.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::fuse::{Context, Scores, fuse};
use super::legs::{TextLeg, VectorLeg};
use super::query::{Hit, SearchQuery};
use super::rank::sort;
use super::scope::{At, Scope};
use crate::document::Embedding;
use crate::error::Result;
use crate::generation::state::Collection;
use crate::generation::terms::Terms;
use crate::text::query::TextQuery;
use crate::validate;

/// λ of balanced fusion for vectors from a model, see FUSION.md's measurements.
const LAMBDA: f64 = 0.11;
/// Documents that each leg proposes to fusion, unless `offset + k` is more.
const CANDIDATES: u32 = 100;

/// λ of a collection: by what made its vectors.
#[must_use]
pub fn default_lambda(collection: &Collection) -> f64 {
    collection.embedder.as_ref().map_or(LAMBDA, |embedder| embedder.basis.default_lambda())
}

/// Finds the best documents of a namespace. Exact: every document is scored.
///
/// # Errors
/// As of [`SearchQuery::check`]; `DimensionMismatch` and `ZeroVector` against the collection, `InvalidFilter` for a field
/// that is only stored, `Aborted`, `Corrupt`.
pub fn search(
    name: &str,
    collection: &Collection,
    namespace: &str,
    query: &SearchQuery,
    cancelled: &dyn Fn() -> bool,
) -> Result<Vec<Hit>> {
    query.check()?;
    if let Some(vector) = &query.vector {
        validate::check_vector(name, &collection.schema, vector)?;
    }
    if let Some(filter) = &query.filter {
        filter.check(&collection.schema)?;
    }
    let filter = query.filter.as_ref().filter(|filter| !filter.matches_everything());
    let scope = Scope::new(collection, namespace, filter, cancelled);
    let wanted = (query.offset + query.k) as usize;
    let text = query.text.as_deref().map(TextQuery::parse).transpose()?;
    let text = text.map(|text| TextLeg::run(&scope, &text)).transpose()?;
    let embedded = embed(&scope, query, text.as_ref())?;
    let vector = query.vector.as_deref().or(embedded.as_deref());
    let vector = vector.map(|vector| VectorLeg::run(&scope, vector)).transpose()?;
    let ranked = match (&text, &vector) {
        (Some(text), Some(vector)) => hybrid(&scope, query, text, vector)?,
        (Some(text), None) if embeds(&scope, query) => {
            // No word of the query is known to the embedder: the formula without its vector term.
            let upper = text.upper_bound();
            let best = text.propose(&scope, wanted)?;
            best.into_iter().map(|(score, at)| (if upper > 0.0 { score / upper } else { 0.0 }, at)).collect()
        }
        (Some(text), None) => text.propose(&scope, wanted)?,
        (None, Some(vector)) => vector.propose(&scope, wanted)?,
        (None, None) => Vec::new(),
    };
    let floor = query.min_score.unwrap_or(f64::NEG_INFINITY);
    let page = ranked.into_iter().filter(|(score, _)| *score >= floor).skip(query.offset as usize);
    page.take(query.k as usize)
        .map(|(score, at)| hit(&scope, query, score, at, text.as_ref(), vector.as_ref()))
        .collect()
}

/// Whether the query's text is meant to become a vector here.
fn embeds(scope: &Scope<'_>, query: &SearchQuery) -> bool {
    query.embed_text && query.vector.is_none() && scope.collection.schema.embedding == Some(Embedding::Lsa)
}

fn embed(scope: &Scope<'_>, query: &SearchQuery, text: Option<&TextLeg>) -> Result<Option<Vec<f32>>> {
    let (Some(leg), Some(words), Some(embedder)) = (text, &query.text, &scope.collection.embedder) else {
        return Ok(None);
    };
    if !embeds(scope, query) {
        return Ok(None);
    }
    let counts = Terms::new(&scope.collection.schema)?.of_query(words);
    let frequencies = leg.document_frequencies();
    let documents = scope.parts.iter().map(|part| part.count()).sum();
    Ok(embedder.basis.embed_query(&counts, &|term| frequencies.get(term).copied().unwrap_or(0), documents))
}

/// Complete fusion: both scores of everything that either leg proposes.
fn hybrid(scope: &Scope<'_>, query: &SearchQuery, text: &TextLeg, vector: &VectorLeg) -> Result<Vec<(f64, At)>> {
    let candidates = query.fusion.candidates.unwrap_or(CANDIDATES).max(query.offset + query.k) as usize;
    let proposed: BTreeSet<At> = text
        .propose(scope, candidates)?
        .into_iter()
        .chain(vector.propose(scope, candidates)?)
        .map(|(_, at)| at)
        .collect();
    // In ascending order of id, which is how ranks break ties.
    let mut union: Vec<(f64, At)> = proposed.into_iter().map(|at| (0.0, at)).collect();
    sort(scope, &mut union)?;
    let scores: Vec<Scores> =
        union.iter().map(|(_, at)| Scores { vector: vector.score(scope, *at), text: text.score(*at) }).collect();
    let context = Context {
        upper_bound: text.upper_bound(),
        spread: vector.spread(scope),
        lambda: default_lambda(scope.collection),
    };
    let fused = fuse(&scores, &query.fusion, &context);
    for ((score, _), fused) in union.iter_mut().zip(fused) {
        *score = fused;
    }
    sort(scope, &mut union)?;
    Ok(union)
}

fn hit(
    scope: &Scope<'_>,
    query: &SearchQuery,
    score: f64,
    at: At,
    text: Option<&TextLeg>,
    vector: Option<&VectorLeg>,
) -> Result<Hit> {
    let rows = scope.parts[at.part as usize].rows;
    let document = if query.include.text { Some(rows.document(at.row)?) } else { None };
    let metadata = if query.include.metadata { rows.metadata(at.row)?.map(Box::from) } else { None };
    let raw =
        if query.include.vector { rows.vectors().and_then(|column| column.get(at.row)).map(Box::from) } else { None };
    Ok(Hit {
        id: Arc::from(rows.id(at.row)?),
        score,
        vector_score: vector.and_then(|leg| leg.score(scope, at)),
        text_score: text.map(|leg| leg.score(at)),
        text: document.and_then(|document| document.text),
        metadata,
        vector: raw,
    })
}
