//! Embedding without a model: counted terms become a unit vector, by a hash projection until the collection has been
//! learned from, by latent semantic analysis (LSA) afterwards. Deals in terms and bytes; never analyses text or opens a file.

mod hash;
mod lsa;
mod stored;
#[cfg(test)]
mod tests;

use crate::error::Result;

pub use hash::HashBasis;
pub use lsa::LsaBasis;

/// Components of every vector made here.
pub const DIMENSION: usize = 128;

/// What turns the counted terms of a document or query into a vector. Vectors of two different bases must never meet in
/// one comparison: [`identity`](Self::identity) tells them apart.
#[derive(Debug)]
pub enum Basis {
    /// Serves before the first fit.
    Hash(HashBasis),
    /// Learned from the collection's own documents.
    Lsa(LsaBasis),
}

/// How a fit runs. Neither `threads` nor the callbacks change a byte of its result.
pub struct FitOptions<'a> {
    /// Starts the random sketch; equal seeds and equal documents in equal order give equal bytes on every machine.
    pub seed: u64,
    /// Threads to use, the calling one included; 0 counts as 1.
    pub threads: usize,
    /// Polled on the calling thread, at least every few milliseconds; `true` ends the fit with `Aborted`.
    pub cancel: &'a dyn Fn() -> bool,
    /// Told on the calling thread how much of the fit is done, 0 to 1, never falling. Reading the documents is the part up
    /// to 0.2, reported once it is over, since their number is unknown.
    pub progress: &'a dyn Fn(f64),
}

impl Default for FitOptions<'_> {
    fn default() -> Self {
        Self { seed: 42, threads: 2, cancel: &|| false, progress: &|_| {} }
    }
}

impl Basis {
    /// The basis that knows nothing of the collection; always the same.
    #[must_use]
    pub fn hash() -> Self {
        Self::Hash(HashBasis)
    }

    /// Learns an LSA basis from `documents`, each the counted terms of one document.
    ///
    /// Reads the iterator once. Documents beyond about 8 million term counts are thinned out evenly, so memory stays below
    /// about 300 MB and time below about ten seconds whatever the size of the collection. Fewer than two documents that
    /// hold a usable term give the hash basis: there is nothing to learn.
    ///
    /// # Errors
    /// The first error that `documents` yields; `Aborted` when `cancel` turned true; `Internal` when the decomposition does
    /// not converge.
    pub fn fit(
        documents: &mut dyn Iterator<Item = Result<Vec<(String, u32)>>>,
        options: &FitOptions<'_>,
    ) -> Result<Self> {
        let fitted = LsaBasis::fit(documents, options, gennaker_kernels::kernels())?;
        (options.progress)(1.0);
        Ok(fitted.map_or_else(Self::hash, Self::Lsa))
    }

    /// Names the basis by what it does: equal identities embed equally. `hash-128-v1`, or `lsa-128-` and a hash of its bytes.
    #[must_use]
    pub fn identity(&self) -> String {
        match self {
            Self::Hash(_) => hash::IDENTITY.to_owned(),
            Self::Lsa(basis) => basis.identity(),
        }
    }

    /// The unit vector of a document with these counted terms; `None` when it has no term that the basis knows, or when
    /// its terms cancel out. The order of `terms` does not matter; a term given twice counts as the sum.
    #[must_use]
    pub fn embed_document(&self, terms: &[(String, u32)]) -> Option<Vec<f32>> {
        match self {
            Self::Hash(basis) => basis.embed(terms, &|_| 1.0),
            Self::Lsa(basis) => basis.embed(terms),
        }
    }

    /// The unit vector of a query with these counted terms, to be compared by cosine with document vectors of this basis.
    ///
    /// `document_frequency`: in how many of the collection's `documents` a term is, for the hash projection, which has no
    /// statistics of its own; a term in no document says nothing there and is left out. LSA uses those of its fit.
    /// `None` as for [`embed_document`](Self::embed_document).
    #[must_use]
    pub fn embed_query(
        &self,
        terms: &[(String, u32)],
        document_frequency: &dyn Fn(&str) -> u64,
        documents: u64,
    ) -> Option<Vec<f32>> {
        match self {
            Self::Hash(basis) => basis.embed(terms, &|term| hash::rarity(document_frequency(term), documents)),
            Self::Lsa(basis) => basis.embed(terms),
        }
    }

    /// The weight λ of this basis's vectors in balanced fusion, unless the collection sets another. Far below the 0.11 of
    /// a trained model: these vectors are made of the words that BM25 already counts, so their errors are BM25's.
    ///
    /// Mean nDCG@10 of BM25 plus LSA over nine collections (BM25 alone 0.558): λ 0.01 0.562, 0.02 0.560, 0.03 0.553; over
    /// cacm, cranfield and scifact alone (BM25 0.513): 0.523, 0.526, 0.529. 0.02 helps on both.
    #[must_use]
    pub fn default_lambda(&self) -> f64 {
        match self {
            Self::Hash(_) => 0.01,
            Self::Lsa(_) => 0.02,
        }
    }

    /// The stored form: little-endian, versioned, with a checksum; about 140 bytes per known term.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Hash(_) => stored::encode_hash(),
            Self::Lsa(basis) => basis.as_bytes().to_vec(),
        }
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// `Corrupt` when `bytes` are not what was written; `FormatTooNew` when a newer version wrote them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        stored::decode(bytes)
    }
}

/// Weight of a term that occurs `frequency >= 1` times in one text: 1 + ln tf.
fn damped(frequency: u32) -> f64 {
    1.0 + libm::log(f64::from(frequency))
}

/// Scales `vector` to unit length; `None` when it has no direction.
fn unit(mut vector: Vec<f32>) -> Option<Vec<f32>> {
    let square: f64 = vector.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
    if !(square.is_finite() && square > f64::from(f32::MIN_POSITIVE)) {
        return None;
    }
    let scale = 1.0 / square.sqrt();
    for x in &mut vector {
        *x = (f64::from(*x) * scale) as f32;
    }
    Some(vector)
}

/// Orders `(key, frequency)` pairs by key, sums those of equal key and drops those of frequency 0: sums of floats over
/// the result do not depend on the order in which a caller counted.
fn merge_counts<K: Ord>(pairs: &mut Vec<(K, u32)>) {
    pairs.retain(|&(_, frequency)| frequency > 0);
    pairs.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    pairs.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            kept.1 = kept.1.saturating_add(later.1);
        }
        same
    });
}
