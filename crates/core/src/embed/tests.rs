//! What every basis promises: equal bytes everywhere, sense of context, and no panic on damaged bytes.

use std::cell::{Cell, RefCell};

use gennaker_kernels::{Kernels, Level};
use proptest::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::*;
use crate::error::{Error, ErrorKind};

type Terms = Vec<(String, u32)>;

/// Documents of 5 to 12 words each, two thirds of them from one of eight topics; always the same.
pub(super) fn topics(documents: usize, words: usize) -> Vec<Terms> {
    let mut state = 7_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    (0..documents)
        .map(|_| {
            let topic = next(8);
            (0..5 + next(8))
                .map(|_| {
                    let word = if next(3) < 2 { next(words / 8 + 1) * 8 + topic } else { next(words) };
                    (format!("word{:04}", word % words), 1 + next(3) as u32)
                })
                .collect()
        })
        .collect()
}

fn fit(documents: &[Terms]) -> Basis {
    Basis::fit(&mut documents.iter().cloned().map(Ok), &FitOptions::default()).unwrap()
}

fn text(words: &str) -> Terms {
    words.split(' ').map(|word| (word.to_owned(), 1)).collect()
}

fn query(basis: &Basis, words: &str) -> Option<Vec<f32>> {
    basis.embed_query(&text(words), &|_| 1, 100)
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Cars and ships.
fn vehicles() -> Vec<Terms> {
    let mut documents = Vec::new();
    for i in 0..30 {
        let (engine, harbour) = (["engine", "brake", "tyre"][i % 3], ["harbour", "anchor", "mast"][i % 3]);
        documents.push(text(&format!("car road {engine} driver")));
        documents.push(text(&format!("automobile road {engine} driver")));
        documents.push(text(&format!("ship sea {harbour} captain")));
        documents.push(text(&format!("boat sea {harbour} captain")));
    }
    documents
}

#[test]
fn threads_and_instruction_sets_change_no_byte() {
    let documents = topics(300, 400);
    let fit = |threads, kernels| {
        let options = FitOptions { threads, ..FitOptions::default() };
        LsaBasis::fit(&mut documents.iter().cloned().map(Ok), &options, kernels).unwrap().unwrap()
    };
    let expected = fit(1, Kernels::at(Level::Scalar).unwrap());
    for level in Level::ALL {
        let Some(kernels) = Kernels::at(level) else { continue };
        for threads in [0, 2, 3, 7] {
            assert!(fit(threads, kernels).as_bytes() == expected.as_bytes(), "{} {threads}", level.name());
        }
    }
}

#[test]
fn the_fit_is_the_one_of_every_machine() {
    assert_eq!(
        fit(&topics(300, 400)).identity(),
        "lsa-128-efef59cfee8e3bb0",
        "the fit changed: say so in the changelog"
    );
}

#[test]
fn the_order_of_counts_does_not_matter_but_the_documents_do() {
    let documents = topics(200, 100);
    let reversed: Vec<Terms> = documents.iter().map(|terms| terms.iter().rev().cloned().collect()).collect();
    assert_eq!(fit(&reversed).identity(), fit(&documents).identity());
    let (basis, once) = (fit(&documents), &documents[0]);
    let split: Terms = once.iter().rev().flat_map(|(term, n)| [(term.clone(), n - 1), (term.clone(), 1)]).collect();
    assert_eq!(basis.embed_document(&split), basis.embed_document(once));
    assert_ne!(fit(&documents[1..]).identity(), fit(&documents).identity());
}

#[test]
fn texts_of_one_topic_are_near_without_a_common_word() {
    let basis = fit(&topics(800, 200));
    let of_topic = |topic: usize, first: usize| -> Vec<f32> {
        let words: Terms = (first..first + 6).map(|i| (format!("word{:04}", i * 8 + topic), 1)).collect();
        basis.embed_document(&words).unwrap()
    };
    for topic in 0..8 {
        let (base, same, other) = (of_topic(topic, 0), of_topic(topic, 6), of_topic((topic + 1) % 8, 6));
        let (near, far) = (cosine(&base, &same), cosine(&base, &other));
        assert!(near > far + 0.2, "topic {topic}: {near} {far}");
    }
}

#[test]
fn a_document_is_where_it_was_when_it_was_learned_from() {
    let documents = topics(60, 300);
    let basis = fit(&documents);
    let vectors: Vec<_> = documents.iter().map(|terms| basis.embed_document(terms).unwrap()).collect();
    for (index, terms) in documents.iter().enumerate() {
        let again = basis.embed_query(terms, &|_| 1, 60).unwrap();
        assert!(cosine(&again, &vectors[index]) > 0.95);
        let nearest =
            (0..vectors.len()).max_by(|&a, &b| cosine(&again, &vectors[a]).total_cmp(&cosine(&again, &vectors[b])));
        assert_eq!(nearest, Some(index));
    }
}

#[test]
fn vectors_are_finite_and_of_unit_length() {
    for basis in [Basis::hash(), fit(&vehicles())] {
        for terms in vehicles() {
            let vector = basis.embed_document(&terms).unwrap();
            assert_eq!(vector.len(), DIMENSION);
            assert!((cosine(&vector, &vector) - 1.0).abs() < 1e-5);
        }
    }
}

#[test]
fn unknown_words_have_no_vector() {
    let basis = fit(&vehicles());
    assert_eq!(basis.embed_document(&text("zeppelin")), None);
    assert_eq!(basis.embed_document(&[]), None);
    assert_eq!(query(&basis, "zeppelin gondola"), None);
    assert_eq!(query(&basis, "zeppelin car"), query(&basis, "car"));
    assert_eq!(Basis::hash().embed_query(&text("zeppelin"), &|_| 0, 100), None);
}

#[test]
fn too_little_to_learn_from_keeps_the_hash() {
    for documents in [vec![], vec![text("one document")], vec![text("one"), vec![]]] {
        assert_eq!(fit(&documents).identity(), "hash-128-v1");
    }
    let equal = fit(&[text("same words"), text("same words")]);
    assert!(matches!(equal, Basis::Lsa(_)));
    assert!(query(&equal, "same").is_some());
}

#[test]
fn a_fit_can_be_aborted_at_every_poll() {
    let documents = topics(300, 200);
    let polls = Cell::new(0);
    let run = |limit: usize| {
        polls.set(0);
        let cancel = || {
            polls.set(polls.get() + 1);
            polls.get() > limit
        };
        let options = FitOptions { cancel: &cancel, ..FitOptions::default() };
        Basis::fit(&mut documents.iter().cloned().map(Ok), &options)
    };
    assert!(run(usize::MAX).is_ok());
    let all = polls.get();
    assert!(all > 5);
    for limit in 0..all {
        assert_eq!(run(limit).unwrap_err().kind(), ErrorKind::Aborted);
    }
}

#[test]
fn progress_rises_to_one() {
    let told = RefCell::new(Vec::new());
    let progress = |done| told.borrow_mut().push(done);
    let options = FitOptions { progress: &progress, ..FitOptions::default() };
    Basis::fit(&mut topics(100, 100).into_iter().map(Ok), &options).unwrap();
    let told = told.into_inner();
    assert!(told.len() > 4 && told.is_sorted() && told[0] >= 0.0);
    assert_eq!(told.last(), Some(&1.0));
}

#[test]
fn a_document_that_cannot_be_read_ends_the_fit() {
    let documents = [Ok(text("a b")), Err(Error::new(ErrorKind::Io, "gone")), Ok(text("a b"))];
    let failure = Basis::fit(&mut documents.into_iter(), &FitOptions::default()).unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::Io);
}

#[test]
fn stored_bytes_embed_to_the_same_bits() {
    for basis in [Basis::hash(), fit(&vehicles())] {
        let read = Basis::from_bytes(&basis.to_bytes()).unwrap();
        assert_eq!(read.identity(), basis.identity());
        assert_eq!(read.to_bytes(), basis.to_bytes());
        for terms in vehicles() {
            assert_eq!(read.embed_document(&terms), basis.embed_document(&terms));
        }
    }
}

#[test]
fn a_newer_format_is_told_from_damage() {
    let mut bytes = Basis::hash().to_bytes();
    bytes[8] = 2;
    assert_eq!(Basis::from_bytes(&bytes).unwrap_err().kind(), ErrorKind::Corrupt);
    seal_again(&mut bytes);
    assert_eq!(Basis::from_bytes(&bytes).unwrap_err().kind(), ErrorKind::FormatTooNew);
}

#[test]
fn forgeries_that_the_checksum_cannot_catch_are_named() {
    let whole = fit(&[text("b d a c"), text("a b c d e f")]).to_bytes();
    let terms = 6;
    let (ends, scales) = (32, 32 + 4 * terms);
    let refused = |place: usize, field: [u8; 4], why: &str| {
        let mut bytes = whole.clone();
        bytes[place..place + 4].copy_from_slice(&field);
        seal_again(&mut bytes);
        let failure = Basis::from_bytes(&bytes).unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::Corrupt);
        assert!(failure.message().contains(why), "{failure} does not say {why:?}");
    };
    refused(12, 7_u32.to_le_bytes(), "kind 7");
    refused(16, 64_u32.to_le_bytes(), "64 components");
    refused(20, u32::MAX.to_le_bytes(), "cannot hold 4294967295 terms");
    refused(20, 5_u32.to_le_bytes(), "term");
    refused(scales, f32::NAN.to_le_bytes(), "scale of term 0");
    refused(scales, f32::INFINITY.to_le_bytes(), "scale of term 0");
    refused(scales + 4, (-1.0_f32).to_le_bytes(), "scale of term 1");
    refused(ends, 2_u32.to_le_bytes(), "term 1 is out of order");
    refused(ends + 4 * (terms - 1), 5_u32.to_le_bytes(), "term 5");
    refused(ends + 4 * (terms - 1), 60_u32.to_le_bytes(), "ends outside");
    let text_start = 32 + (8 + DIMENSION) * terms;
    refused(text_start, *b"acbd", "term 2 is out of order");
    refused(text_start + 2, [b'c', b'd', b'e', 0xff], "not UTF-8");

    let mut shorter = fit(&[text("b d a c"), text("a b c d e ff")]).to_bytes();
    shorter[ends + 4 * (terms - 1)..][..4].copy_from_slice(&6_u32.to_le_bytes());
    seal_again(&mut shorter);
    assert!(Basis::from_bytes(&shorter).unwrap_err().message().contains("1 bytes belong to no term"));

    let mut huge = whole.clone();
    huge[scales..scales + 4].copy_from_slice(&f32::MAX.to_le_bytes());
    seal_again(&mut huge);
    assert_eq!(Basis::from_bytes(&huge).unwrap().embed_document(&text("a")), None);
}

fn seal_again(bytes: &mut [u8]) {
    let end = bytes.len() - 8;
    let check = xxh3_64(&bytes[..end]);
    bytes[end..].copy_from_slice(&check.to_le_bytes());
}

proptest! {
    #[test]
    fn damaged_bytes_are_refused(cut in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), flip in 1_u8..) {
        let whole = fit(&vehicles()[..8]).to_bytes();
        let cut = &whole[..cut.index(whole.len())];
        prop_assert_eq!(Basis::from_bytes(cut).unwrap_err().kind(), ErrorKind::Corrupt);
        let mut flipped = whole.clone();
        flipped[place.index(whole.len())] ^= flip;
        prop_assert_eq!(Basis::from_bytes(&flipped).unwrap_err().kind(), ErrorKind::Corrupt);
    }

    /// Someone who can seal bytes can choose vectors, but reaches no panic and no vector that is not finite.
    #[test]
    fn forged_bytes_are_refused_or_serve(
        cut in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        in_header in prop::collection::vec((8_usize..60, any::<u8>()), 0..3),
    ) {
        let mut bytes = fit(&vehicles()[..8]).to_bytes();
        for (place, value) in edits {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        for (place, value) in in_header {
            bytes[place] = value;
        }
        if cut.index(3) == 0 {
            bytes.truncate(cut.index(bytes.len()).max(8));
        }
        seal_again(&mut bytes);
        if let Ok(basis) = Basis::from_bytes(&bytes) {
            for terms in &vehicles()[..8] {
                if let Some(vector) = basis.embed_document(terms) {
                    prop_assert!(vector.iter().all(|x| x.is_finite()));
                }
            }
        }
    }
}
