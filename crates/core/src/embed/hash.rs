//! The projection that needs no statistics: each term owns a fixed sparse pattern of signs.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{DIMENSION, damped, merge_counts, unit};

/// Names the projection; another seed, pattern or weight is another version.
pub(super) const IDENTITY: &str = "hash-128-v1";

const SEED: u64 = 0x6765_6e6e_616b_6572;
const SIGNS: usize = 8;
const BLOCK: usize = DIMENSION / SIGNS;

/// A random projection by hashing: every term adds ±1 to one place in each of 8 blocks of 16, so any two terms are nearly
/// orthogonal and two texts are as near as the words they share. Kane & Nelson 2014 (arXiv:1012.1577), block construction.
#[derive(Debug)]
pub struct HashBasis;

impl HashBasis {
    /// Sum over distinct terms of (1 + ln tf) · `rarity(term)` · pattern, at unit length. Terms of rarity 0 are left out.
    pub(super) fn embed(&self, terms: &[(String, u32)], rarity: &dyn Fn(&str) -> f64) -> Option<Vec<f32>> {
        let mut counted: Vec<(&str, u32)> = terms.iter().map(|(term, count)| (term.as_str(), *count)).collect();
        merge_counts(&mut counted);
        let mut vector = vec![0.0_f32; DIMENSION];
        for (term, frequency) in counted {
            let weight = (damped(frequency) * rarity(term)) as f32;
            // Five bits per block: four choose the place in the block, one the sign.
            let mut bits = xxh3_64_with_seed(term.as_bytes(), SEED);
            for block in vector.chunks_exact_mut(BLOCK) {
                let place = (bits & 15) as usize;
                block[place] += if bits & 16 == 0 { weight } else { -weight };
                bits >>= 5;
            }
        }
        unit(vector)
    }
}

/// BM25's idf, ln(1 + (N − df + 0.5) / (df + 0.5)); 0 for a term in no document.
pub(super) fn rarity(document_frequency: u64, documents: u64) -> f64 {
    if document_frequency == 0 {
        return 0.0;
    }
    let (df, n) = (document_frequency as f64, documents.max(document_frequency) as f64);
    libm::log(1.0 + (n - df + 0.5) / (df + 0.5))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn embed(terms: &[(&str, u32)]) -> Option<Vec<f32>> {
        let terms: Vec<(String, u32)> = terms.iter().map(|(term, count)| ((*term).to_owned(), *count)).collect();
        HashBasis.embed(&terms, &|_| 1.0)
    }

    fn cosine(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn a_term_is_eight_equal_signs_at_fixed_places() {
        let vector = embed(&[("vector", 3)]).unwrap();
        let signs: Vec<(usize, bool)> =
            vector.iter().enumerate().filter(|(_, x)| **x != 0.0).map(|(place, x)| (place, *x > 0.0)).collect();
        assert!(vector.iter().all(|x| *x == 0.0 || (x.abs() - 8.0_f32.sqrt().recip()).abs() < 1e-6));
        let expected =
            [(5, false), (29, true), (45, false), (55, true), (67, true), (84, false), (105, false), (118, true)];
        assert_eq!(signs, expected, "the projection changed: give it a new identity");
    }

    #[test]
    fn shared_words_bring_texts_together() {
        let base = embed(&[("sail", 1), ("wind", 2), ("rope", 1)]).unwrap();
        let near = embed(&[("sail", 1), ("wind", 1), ("deck", 1)]).unwrap();
        let far = embed(&[("tax", 1), ("form", 2), ("office", 1)]).unwrap();
        assert!(cosine(&base, &near) > 0.4 && cosine(&base, &far) < 0.3);
    }

    #[test]
    fn order_and_splitting_of_counts_do_not_matter() {
        let once = embed(&[("a", 3), ("b", 1), ("c", 7)]);
        assert_eq!(embed(&[("c", 7), ("a", 1), ("b", 1), ("a", 2)]), once);
    }

    #[test]
    fn nothing_has_no_vector() {
        assert_eq!(embed(&[]), None);
        assert_eq!(embed(&[("a", 0)]), None);
        assert_eq!(HashBasis.embed(&[("a".into(), 1)], &|_| rarity(0, 10)), None);
    }

    #[test]
    fn rarer_words_weigh_more_and_unknown_ones_nothing() {
        assert!(rarity(1, 100) > rarity(50, 100) && rarity(50, 100) > rarity(100, 100) && rarity(100, 100) > 0.0);
        assert!(rarity(7, 3) > 0.0, "statistics that lag behind stay usable");
        assert!(rarity(0, 100) == 0.0);
    }
}
