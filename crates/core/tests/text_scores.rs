//! BM25F against a naive reference, and bit for bit the same however the documents lie.

#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

#[path = "support/cases.rs"]
mod cases;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use gennaker_core::document::TextField;
use gennaker_core::error::ErrorKind;
use gennaker_core::text::analyze::Analyzer;
use gennaker_core::text::bm25::{Part, Scored, score};
use gennaker_core::text::index::SealedText;
use gennaker_core::text::memory::MemoryText;
use gennaker_core::text::query::TextQuery;
use gennaker_core::text::writer::SealedTextWriter;
use gennaker_core::text::{SectionBytes, TextIndex};
use proptest::prelude::*;
use roaring::RoaringBitmap;

type Row = Vec<(&'static str, String)>;

fn fields() -> Vec<TextField> {
    [("title", 4.0, "english"), ("text", 1.0, "english"), ("raw", 0.5, "none")]
        .map(|(name, weight, language)| TextField { name: name.into(), weight, language: language.into() })
        .into()
}

fn borrowed(row: &Row) -> Vec<(&str, &str)> {
    row.iter().map(|(name, text)| (*name, text.as_str())).collect()
}

fn sealed(rows: &[Row]) -> SealedText {
    let mut writer = SealedTextWriter::new(&fields()).unwrap();
    rows.iter().for_each(|row| writer.add_row(&borrowed(row)).unwrap());
    let sections: BTreeMap<String, Vec<u8>> = writer.finish().unwrap().into_iter().collect();
    SealedText::open(&|name| sections.get(name).cloned().map(SectionBytes::new)).unwrap()
}

fn memory(rows: &[Row]) -> MemoryText {
    MemoryText::build(&fields(), rows.iter().map(borrowed)).unwrap()
}

/// All rows, alive or not, with their scores; the part that holds rows `start..` numbers them from 0.
fn flat(scored: &Scored, starts: &[u32]) -> Vec<(u32, u64)> {
    let parts = scored.parts.iter().zip(starts);
    parts
        .flat_map(|(part, start)| {
            part.rows.iter().map(move |row| start + row).zip(part.scores.iter().map(|s| s.to_bits()))
        })
        .collect()
}

fn ask(parts: &[Part<'_>], query: &str) -> Scored {
    score(parts, &fields(), &TextQuery::parse(query).unwrap(), &|| false).unwrap()
}

/// The formulas written down once more, over words and one phrase, without an index.
mod reference {
    use super::*;

    /// Per language the words of a text by position.
    fn analysed(language: &str, text: &str) -> Vec<(String, bool, u32)> {
        let mut out = Vec::new();
        let analyzer = Analyzer::for_language(language).unwrap();
        analyzer.tokens(text, &mut |token| out.push((token.term.to_owned(), token.counted, token.position)));
        out
    }

    fn frequency(words: &[(String, bool, u32)], wanted: &[(String, bool, u32)]) -> f64 {
        let at: BTreeMap<u32, (&String, bool)> =
            words.iter().map(|(word, counted, at)| (*at, (word, *counted))).collect();
        let starts = words.iter().filter(|(_, _, start)| {
            wanted.iter().all(|(word, counted, distance)| at.get(&(start + distance)) == Some(&(word, *counted)))
        });
        starts.count() as f64
    }

    pub(crate) fn scores(rows: &[Row], live: &[bool], words: &[&str], phrase: Option<&str>) -> (Vec<f64>, f64) {
        let fields = fields();
        let texts = |row: usize, f: &TextField| {
            let text = rows[row].iter().find(|(name, _)| *name == f.name).map_or("", |(_, text)| text);
            analysed(&f.language, text)
        };
        let length = |row: usize, f: &TextField| texts(row, f).iter().filter(|(_, counted, _)| *counted).count() as f64;
        let living: Vec<usize> = (0..rows.len()).filter(|&row| live[row]).collect();
        let terms: BTreeSet<Vec<Vec<(String, bool, u32)>>> = words
            .iter()
            .map(|word| (word, true))
            .chain(phrase.iter().map(|phrase| (phrase, false)))
            .map(|(text, only_counted)| {
                let per_field = fields.iter().map(|f| {
                    let mut wanted = analysed(&f.language, text);
                    wanted.retain(|(_, counted, _)| *counted || !only_counted);
                    wanted
                });
                per_field.collect()
            })
            .collect();
        let (mut total, mut bound) = (vec![0.0; rows.len()], 0.0);
        for term in terms {
            let tf = |row: usize| -> f64 {
                let per_field = fields.iter().zip(&term).filter(|(_, wanted)| !wanted.is_empty()).map(|(f, wanted)| {
                    let lengths: Vec<f64> = living.iter().map(|&row| length(row, f)).filter(|&l| l > 0.0).collect();
                    let average = lengths.iter().sum::<f64>() / lengths.len() as f64;
                    let norm = if lengths.is_empty() { 0.25 } else { 0.25 + 0.75 * length(row, f) / average };
                    f.weight * frequency(&texts(row, f), wanted) / norm
                });
                per_field.sum()
            };
            let tfs: Vec<(usize, f64)> = living.iter().map(|&row| (row, tf(row))).filter(|(_, tf)| *tf > 0.0).collect();
            let (n, df) = (living.len() as f64, tfs.len() as f64);
            let idf = (1.0 + (n - df + 0.5) / (df + 0.5)).ln();
            let impacts = tfs.iter().map(|(row, tf)| (*row, idf * tf / (tf + 1.2)));
            let mut max = 0.0f64;
            for (row, impact) in impacts {
                total[row] += impact;
                max = max.max(impact);
            }
            bound += max;
        }
        (total, bound)
    }
}

const WORDS: [&str; 9] = ["the", "run", "running", "fox", "its", "it", "snake_case", "東京都", "c"];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..10).prop_map(|words| words.join(" "))
}

fn row() -> impl Strategy<Value = Row> {
    (text(), text(), text(), 0..8u8).prop_map(|(title, text, raw, has)| {
        let all = [("title", title), ("text", text), ("raw", raw)];
        all.into_iter().enumerate().filter(|(at, _)| has >> at & 1 == 1).map(|(_, pair)| pair).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases::cases(60)))]

    #[test]
    fn any_split_gives_the_same_bits_and_the_reference_agrees(
        rows in prop::collection::vec(row(), 1..14),
        live in prop::collection::vec(prop::bool::weighted(0.8), 14),
        cuts in prop::collection::btree_set(0..14u32, 0..4),
        kinds in prop::collection::vec(any::<bool>(), 5),
        words in prop::collection::vec(prop::sample::select(vec!["run", "fox", "its", "snake_case", "東京"]), 1..5),
        phrase in prop::option::of(prop::sample::select(vec!["the fox", "run the run", "it", "fox 東京"])),
    ) {
        let count = rows.len() as u32;
        let query = words.join(" ") + &phrase.map(|phrase| format!(" \"{phrase}\"")).unwrap_or_default();
        let dead: RoaringBitmap = (0..count).filter(|row| !live[*row as usize]).collect();

        let one = memory(&rows);
        let whole = ask(&[Part { index: &one, rows: 0..count, dead: Some(&dead) }], &query);
        let expected = flat(&whole, &[0]);

        let mut edges: Vec<u32> = cuts.into_iter().filter(|cut| *cut < count).chain([0, count]).collect();
        edges.sort_unstable();
        edges.dedup();
        let ranges: Vec<Range<u32>> = edges.windows(2).map(|pair| pair[0]..pair[1]).collect();
        let indexes: Vec<Box<dyn TextIndex>> = ranges.iter().zip(&kinds).map(|(range, seal)| {
            let rows = &rows[range.start as usize..range.end as usize];
            if *seal { Box::new(sealed(rows)) as Box<dyn TextIndex> } else { Box::new(memory(rows)) }
        }).collect();
        let deads: Vec<RoaringBitmap> = ranges.iter().map(|range| dead.iter().filter(|row| range.contains(row)).map(|row| row - range.start).collect()).collect();
        let parts: Vec<Part<'_>> = ranges.iter().zip(&indexes).zip(&deads)
            .map(|((range, index), dead)| Part { index: &**index, rows: 0..range.end - range.start, dead: Some(dead) }).collect();
        let split = ask(&parts, &query);
        let starts: Vec<u32> = ranges.iter().map(|range| range.start).collect();
        prop_assert_eq!(flat(&split, &starts), expected.clone());
        prop_assert_eq!(split.upper_bound.to_bits(), whole.upper_bound.to_bits());
        prop_assert_eq!(&split.terms, &whole.terms);

        // One index seen through ranges of its rows.
        let whole_sealed = sealed(&rows);
        let views: Vec<Part<'_>> = ranges.iter().map(|range| Part { index: &whole_sealed, rows: range.clone(), dead: Some(&dead) }).collect();
        prop_assert_eq!(flat(&ask(&views, &query), &vec![0; views.len()]), expected);

        // Without the dead rows at all.
        let alive: Vec<u32> = (0..count).filter(|row| live[*row as usize]).collect();
        let kept: Vec<Row> = alive.iter().map(|&row| rows[row as usize].clone()).collect();
        let kept = memory(&kept);
        let only = ask(&[Part { index: &kept, rows: 0..alive.len() as u32, dead: None }], &query);
        let renumbered: Vec<(u32, u64)> = flat(&only, &[0]).into_iter().map(|(row, score)| (alive[row as usize], score)).collect();
        prop_assert_eq!(renumbered, flat(&whole, &[0]));

        let (scores, bound) = reference::scores(&rows, &live, &words, phrase);
        prop_assert!((whole.upper_bound - bound).abs() < 1e-9, "{} {bound}", whole.upper_bound);
        for (row, score) in scores.iter().enumerate() {
            let ours = whole.parts[0].score_of(row as u32);
            prop_assert!((ours - score).abs() < 1e-9, "row {row}: {ours} and {score} for {query}");
            prop_assert!(ours <= whole.upper_bound * (1.0 + 1e-12));
        }
    }
}

fn plain(texts: &[&str]) -> MemoryText {
    memory(&texts.iter().map(|text| vec![("text", (*text).to_owned())]).collect::<Vec<_>>())
}

fn matching(texts: &[&str], query: &str) -> Vec<u32> {
    let index = plain(texts);
    ask(&[Part { index: &index, rows: 0..texts.len() as u32, dead: None }], query).parts.remove(0).rows
}

#[test]
fn phrases_need_order_and_keep_stop_words() {
    let texts = ["to be or not to be", "not to be or to", "be to", "the cat sat", "cat the sat", "a catsat"];
    assert_eq!(matching(&texts, "\"not to be\""), [0, 1]);
    assert_eq!(matching(&texts, "\"be or\""), [0, 1]);
    assert_eq!(matching(&texts, "\"the cats\""), [3]);
    assert_eq!(matching(&texts, "\"to be\" cat"), [0, 1, 3, 4]);
}

#[test]
fn a_stop_word_does_not_match_a_word_with_its_stem() {
    assert_eq!(matching(&["it is so", "its tail"], "its"), [1]);
    assert_eq!(matching(&["it is so", "its tail"], "it"), [0]);
}

#[test]
fn nothing_known_scores_nothing() {
    let index = plain(&["cat"]);
    let scored = ask(&[Part { index: &index, rows: 0..1, dead: None }], "dog \" ");
    assert!(scored.parts[0].rows.is_empty() && scored.terms.is_empty());
    assert_eq!(scored.upper_bound.to_bits(), 0);
    assert_eq!(scored.parts[0].score_of(0).to_bits(), 0);
    let dead = RoaringBitmap::from([0]);
    assert!(ask(&[Part { index: &index, rows: 0..1, dead: Some(&dead) }], "cat").parts[0].rows.is_empty());
}

#[test]
fn only_the_rarest_terms_of_a_huge_query_count() {
    let texts: Vec<String> =
        (0..1500).map(|n| if n < 700 { format!("word{n} common") } else { format!("word{n}") }).collect();
    let index = plain(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    let parts = [Part { index: &index, rows: 0..1500, dead: None }];
    let query = texts.join(" ") + " nowhere";
    let scored = ask(&parts, &query);
    assert_eq!(scored.terms.len(), 1024);
    assert!(scored.terms.iter().all(|term| term.df == 1));
    assert_eq!(scored.parts[0].rows.len(), 1024);
}

#[test]
fn cancelling_aborts() {
    let index = plain(&["cat"]);
    let parts = [Part { index: &index, rows: 0..1, dead: None }];
    let error = score(&parts, &fields(), &TextQuery::parse("cat").unwrap(), &|| true).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Aborted);
}
