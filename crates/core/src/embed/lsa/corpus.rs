//! The weighted term-document matrix that a fit decomposes.

use std::collections::HashMap;

use crate::embed::{FitOptions, damped, merge_counts};
use crate::error::{Error, ErrorKind, Result};

/// Term counts held while reading; above it every other document is let go. 8 bytes each.
const MAX_ENTRIES: usize = 1 << 23;
/// Terms that get a vector: those in most documents.
const MAX_TERMS: usize = 50_000;
/// Longer terms (in bytes) get no vector; analysis makes none, and the stored text stays far below 4 GiB.
const MAX_TERM_BYTES: usize = 1024;
/// Below so many documents a term in one of them counts too: there are no two that could share it yet.
const FEW_DOCUMENTS: usize = 50;
/// Documents between two polls of `cancel`.
const CANCEL_INTERVAL: usize = 256;

/// Documents as sparse rows of unit length over the chosen vocabulary.
pub(super) struct Corpus {
    /// The vocabulary, most frequent term first, ties in term order; a term's index is its id.
    pub(super) terms: Vec<String>,
    /// By term id: ln(1 + N / df), counted over the documents kept.
    pub(super) idf: Vec<f64>,
    /// Documents kept, those without a chosen term included.
    pub(super) documents: u64,
    starts: Vec<usize>,
    entries: Vec<(u32, f32)>,
}

impl Corpus {
    /// Reads `documents` to the end and weighs each term (1 + ln tf) · idf.
    pub(super) fn collect(
        documents: &mut dyn Iterator<Item = Result<Vec<(String, u32)>>>,
        options: &FitOptions<'_>,
    ) -> Result<Self> {
        let mut counts = Counts::new(MAX_ENTRIES);
        for (index, document) in documents.enumerate() {
            if index % CANCEL_INTERVAL == 0 {
                check(options)?;
            }
            counts.add(document?);
        }
        check(options)?;
        Ok(counts.weigh())
    }

    /// Rows that hold at least one term of the vocabulary.
    pub(super) fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// Row `index` as `(term id, weight)`, ids ascending.
    pub(super) fn row(&self, index: usize) -> &[(u32, f32)] {
        &self.entries[self.starts[index]..self.starts[index + 1]]
    }
}

/// `Aborted` when the caller wants the fit to end.
pub(super) fn check(options: &FitOptions<'_>) -> Result<()> {
    if (options.cancel)() {
        return Err(Error::new(ErrorKind::Aborted, "fitting the embedding was aborted; the old one goes on serving."));
    }
    Ok(())
}

/// Counted documents, thinned out evenly to bounded memory: each `stride`-th document is kept.
struct Counts {
    lexicon: HashMap<String, u32>,
    starts: Vec<usize>,
    entries: Vec<(u32, u32)>,
    limit: usize,
    stride: usize,
    seen: usize,
}

impl Counts {
    fn new(limit: usize) -> Self {
        Self { lexicon: HashMap::new(), starts: vec![0], entries: Vec::new(), limit, stride: 1, seen: 0 }
    }

    fn documents(&self) -> usize {
        self.starts.len() - 1
    }

    fn add(&mut self, document: Vec<(String, u32)>) {
        if document.is_empty() {
            return;
        }
        let keep = self.seen.is_multiple_of(self.stride);
        self.seen += 1;
        if !keep {
            return;
        }
        let mut row: Vec<(u32, u32)> = Vec::with_capacity(document.len());
        for (term, frequency) in document {
            if term.len() > MAX_TERM_BYTES {
                continue;
            }
            let next = self.lexicon.len() as u32;
            row.push((*self.lexicon.entry(term).or_insert(next), frequency));
        }
        merge_counts(&mut row);
        self.entries.append(&mut row);
        self.starts.push(self.entries.len());
        while self.entries.len() > self.limit && self.documents() > 1 {
            self.halve();
        }
    }

    /// Lets every other document go, and the terms that only those had.
    fn halve(&mut self) {
        let mut entries = Vec::with_capacity(self.entries.len() / 2);
        let mut starts = vec![0];
        for row in self.starts.windows(2).step_by(2) {
            entries.extend_from_slice(&self.entries[row[0]..row[1]]);
            starts.push(entries.len());
        }
        let mut frequency = vec![0_u32; self.lexicon.len()];
        for &(id, _) in &entries {
            frequency[id as usize] += 1;
        }
        // New ids in the order of the old, so that rows stay sorted and hash order cannot show.
        let mut next = 0;
        let renamed: Vec<Option<u32>> = (frequency.iter())
            .map(|&count| {
                (count > 0).then(|| {
                    next += 1;
                    next - 1
                })
            })
            .collect();
        self.lexicon.retain(|_, id| renamed[*id as usize].map(|new| *id = new).is_some());
        for (id, _) in &mut entries {
            *id = renamed[*id as usize].expect("ids in use were given a new one");
        }
        (self.starts, self.entries) = (starts, entries);
        self.stride *= 2;
    }

    fn weigh(self) -> Corpus {
        let documents = self.documents();
        let mut frequency = vec![0_u32; self.lexicon.len()];
        for &(id, _) in &self.entries {
            frequency[id as usize] += 1;
        }
        let least = if documents < FEW_DOCUMENTS { 1 } else { 2 };
        let mut chosen: Vec<(String, u32)> =
            self.lexicon.into_iter().filter(|&(_, id)| frequency[id as usize] >= least).collect();
        chosen.sort_unstable_by(|a, b| {
            (frequency[b.1 as usize].cmp(&frequency[a.1 as usize])).then_with(|| a.0.cmp(&b.0))
        });
        chosen.truncate(MAX_TERMS);

        let mut renamed = vec![None; frequency.len()];
        let mut idf = Vec::with_capacity(chosen.len());
        for (new, &(_, old)) in chosen.iter().enumerate() {
            renamed[old as usize] = Some(new as u32);
            idf.push(libm::log(1.0 + documents as f64 / f64::from(frequency[old as usize])));
        }
        let mut starts = vec![0];
        let mut entries = Vec::with_capacity(self.entries.len());
        let mut row: Vec<(u32, f64)> = Vec::new();
        for bounds in self.starts.windows(2) {
            row.clear();
            row.extend(self.entries[bounds[0]..bounds[1]].iter().filter_map(|&(old, count)| {
                let id = renamed[old as usize]?;
                Some((id, damped(count) * idf[id as usize]))
            }));
            if row.is_empty() {
                continue;
            }
            row.sort_unstable_by_key(|&(id, _)| id);
            let norm = row.iter().map(|&(_, weight)| weight * weight).sum::<f64>().sqrt();
            entries.extend(row.iter().map(|&(id, weight)| (id, (weight / norm) as f32)));
            starts.push(entries.len());
        }
        let terms = chosen.into_iter().map(|(term, _)| term).collect();
        Corpus { terms, idf, documents: documents as u64, starts, entries }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(terms: &[&str]) -> Vec<(String, u32)> {
        terms.iter().map(|term| ((*term).to_owned(), 1)).collect()
    }

    fn collect(documents: Vec<Vec<(String, u32)>>) -> Corpus {
        Corpus::collect(&mut documents.into_iter().map(Ok), &FitOptions::default()).unwrap()
    }

    #[test]
    fn rows_are_weighted_normalised_and_sorted() {
        let corpus = collect(vec![document(&["b", "a"]), document(&["c", "a"]), document(&["a"])]);
        assert_eq!(corpus.terms, ["a", "b", "c"]);
        assert_eq!(corpus.documents, 3);
        let (idf_a, idf_b) = (2.0_f64.ln(), 4.0_f64.ln());
        let norm = idf_a.hypot(idf_b);
        assert_eq!(corpus.row(0).iter().map(|entry| entry.0).collect::<Vec<_>>(), [0, 1]);
        assert!((f64::from(corpus.row(0)[0].1) - idf_a / norm).abs() < 1e-6);
        assert!((f64::from(corpus.row(0)[1].1) - idf_b / norm).abs() < 1e-6);
        assert!((f64::from(corpus.row(2)[0].1) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn words_of_one_document_are_left_out_once_there_are_many() {
        let mut documents: Vec<_> = (0..FEW_DOCUMENTS).map(|i| document(&["common", &format!("own{i}")])).collect();
        assert_eq!(collect(documents.clone()).terms, ["common"]);
        documents.pop();
        assert_eq!(collect(documents).terms.len(), FEW_DOCUMENTS);
    }

    #[test]
    fn empty_and_unusable_documents_make_no_row() {
        let corpus =
            collect(vec![document(&[]), vec![("zero".into(), 0)], document(&[&"x".repeat(2000)]), document(&["a"])]);
        assert_eq!((corpus.rows(), corpus.terms), (1, vec!["a".to_owned()]));
    }

    #[test]
    fn too_many_entries_are_thinned_out_evenly() {
        let mut counts = Counts::new(64);
        for i in 0..1000 {
            counts.add(document(&["everywhere", &format!("number{i}")]));
            assert!(counts.entries.len() <= 64);
        }
        assert_eq!(counts.stride, 32);
        let mut kept: Vec<usize> =
            counts.lexicon.keys().filter_map(|term| term.strip_prefix("number")?.parse().ok()).collect();
        kept.sort_unstable();
        assert_eq!(kept, (0..1000).step_by(32).collect::<Vec<_>>());
        let corpus = counts.weigh();
        assert_eq!((corpus.documents, corpus.terms[0].as_str()), (32, "everywhere"));
        assert!((0..corpus.rows()).all(|row| corpus.row(row).len() == 2 && corpus.row(row)[0].0 == 0));
    }
}
