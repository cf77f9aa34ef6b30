//! Words too common to tell documents apart. They keep their positions for phrases and count in nothing else.

/// Lucene's English stop words, sorted.
const ENGLISH: [&str; 33] = [
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not", "of",
    "on", "or", "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will", "with",
];

/// Whether `word` (folded, not stemmed) is one of Lucene's 33 English stop words.
pub(super) fn is_english(word: &str) -> bool {
    word.len() <= 5 && ENGLISH.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_so_that_binary_search_finds_all() {
        assert!(ENGLISH.is_sorted());
        assert!(ENGLISH.iter().all(|word| is_english(word)));
        assert!(!is_english("its") && !is_english("who") && !is_english(""));
    }
}
