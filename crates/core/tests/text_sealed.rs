//! A sealed text index: same bytes for same rows, the postings of the memory form, typed errors for damaged bytes.

#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

#[path = "support/cases.rs"]
mod cases;

use std::collections::BTreeMap;

use gennaker_core::document::TextField;
use gennaker_core::error::ErrorKind;
use gennaker_core::text::index::SealedText;
use gennaker_core::text::memory::MemoryText;
use gennaker_core::text::writer::SealedTextWriter;
use gennaker_core::text::{SectionBytes, TextIndex};
use proptest::prelude::*;

type Row = Vec<(&'static str, String)>;
type Sections = Vec<(String, Vec<u8>)>;

fn fields() -> Vec<TextField> {
    [("title", "english"), ("text", "none")]
        .map(|(name, language)| TextField { name: name.into(), weight: 1.0, language: language.into() })
        .into()
}

fn borrowed(row: &Row) -> Vec<(&str, &str)> {
    row.iter().map(|(name, text)| (*name, text.as_str())).collect()
}

fn sections(rows: &[Row]) -> Sections {
    let mut writer = SealedTextWriter::new(&fields()).unwrap();
    for row in rows {
        writer.add_row(&borrowed(row)).unwrap();
    }
    assert_eq!(writer.rows() as usize, rows.len());
    writer.finish().unwrap()
}

fn open(sections: &Sections) -> gennaker_core::error::Result<SealedText> {
    let by_name: BTreeMap<&str, SectionBytes> =
        sections.iter().map(|(name, bytes)| (name.as_str(), SectionBytes::new(bytes.clone()))).collect();
    SealedText::open(&|name| by_name.get(name).cloned())
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["the", "run", "running", "c", "東京都", "it's", "Ärger"]), 0..9)
        .prop_map(|words| words.join(" "))
}

fn row() -> impl Strategy<Value = Row> {
    prop_oneof![
        1 => Just(vec![]),
        2 => text().prop_map(|text| vec![("text", text)]),
        2 => (text(), text()).prop_map(|(title, text)| vec![("text", text), ("title", title)]),
    ]
}

/// Everything that an index says about `terms`.
fn contents(index: &dyn TextIndex, rows: u32) -> Vec<String> {
    let mut out = Vec::new();
    for field in ["title", "text", "other"] {
        for term in ["run", "running", " the", "the", " c", "東京", "京都", "arger", "", "unknown"] {
            for range in [0..rows, 1..rows, 0..rows / 2, 3..3, 0..u32::MAX] {
                let mut postings = Vec::new();
                index.postings(field, term, range, &mut postings).unwrap();
                out.push(format!("{field} {term} {postings:?}"));
            }
            let every_other: Vec<u32> = (0..rows).step_by(2).collect();
            index
                .positions(field, term, &every_other, &mut |row, at| out.push(format!("{field} {term} {row} {at:?}")))
                .unwrap();
        }
        let lengths: Vec<u32> = (0..rows + 1).map(|row| index.lengths(field).get(row)).collect();
        out.push(format!("{field} {lengths:?} {:?}", index.lengths(field).sum(0..rows)));
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases::cases(40)))]

    #[test]
    fn sealed_equals_memory_equals_merged_memory(rows in prop::collection::vec(row(), 0..12), cut in 0..12usize) {
        let fields = fields();
        let memory = MemoryText::build(&fields, rows.iter().map(borrowed)).unwrap();
        let (left, right) = rows.split_at(cut.min(rows.len()));
        let left = MemoryText::build(&fields, left.iter().map(borrowed)).unwrap();
        let nothing = MemoryText::build(&fields[1..], []).unwrap();
        let right = MemoryText::build(&fields, right.iter().map(borrowed)).unwrap();
        let merged = MemoryText::merge(&[&left, &nothing, &right]);
        let sealed = open(&sections(&rows)).unwrap();
        let count = rows.len() as u32;
        prop_assert_eq!((sealed.rows(), memory.rows(), merged.rows()), (count, count, count));
        let expected = contents(&memory, count);
        prop_assert_eq!(&contents(&sealed, count), &expected);
        prop_assert_eq!(&contents(&merged, count), &expected);
    }

    #[test]
    fn same_rows_same_bytes(rows in prop::collection::vec(row(), 0..12)) {
        prop_assert_eq!(sections(&rows), sections(&rows));
    }

    #[test]
    fn damaged_bytes_never_panic(section in 0..8usize, at in any::<prop::sample::Index>(), bit in 0..8u8, cut in any::<bool>()) {
        let rows: Vec<Row> = (0..300).map(|row| vec![("text", format!("word{} run run the", row % 7))]).collect();
        let mut sections = sections(&rows);
        let bytes = &mut sections[section].1;
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] ^= 1 << bit }
        match open(&sections) {
            Err(error) => prop_assert_eq!(error.kind(), ErrorKind::Corrupt),
            Ok(index) => for term in ["run", "the", "word3", "unknown"] {
                let mut postings = Vec::new();
                let found = index.postings("text", term, 0..300, &mut postings);
                prop_assert!(found.is_ok() || found.is_err_and(|error| error.kind() == ErrorKind::Corrupt));
                prop_assert!(postings.iter().all(|(row, _)| *row < 300));
                let found = index.positions("text", term, &[0, 7, 250], &mut |_, _| {});
                prop_assert!(found.is_ok() || found.is_err_and(|error| error.kind() == ErrorKind::Corrupt));
            },
        }
    }
}

#[test]
fn missing_sections_and_wrong_counts_are_corrupt() {
    let whole = sections(&[vec![("text", "a word".into())]]);
    for missing in 0..whole.len() {
        let mut some = whole.clone();
        let (name, _) = some.remove(missing);
        let error = open(&some).unwrap_err();
        assert!(error.kind() == ErrorKind::Corrupt && error.message().contains(&name), "{error}");
    }
    let mut renamed = whole.clone();
    renamed.iter_mut().find(|(name, _)| name == "text/fields").unwrap().1 = b"[\"title\"]".to_vec();
    assert_eq!(open(&renamed).unwrap_err().kind(), ErrorKind::Corrupt);
}

#[test]
fn unknown_and_repeated_fields_are_defects() {
    let mut writer = SealedTextWriter::new(&fields()).unwrap();
    assert_eq!(writer.add_row(&[("abstract", "x")]).unwrap_err().kind(), ErrorKind::Internal);
    assert_eq!(writer.add_row(&[("text", "x"), ("text", "y")]).unwrap_err().kind(), ErrorKind::Internal);
    assert_eq!(writer.rows(), 0);
    let rows = [vec![("abstract", "x")]];
    assert_eq!(MemoryText::build(&fields(), rows).unwrap_err().kind(), ErrorKind::Internal);
}

#[test]
fn no_fields_and_no_rows_are_an_empty_index() {
    let mut writer = SealedTextWriter::new(&[]).unwrap();
    writer.add_row(&[]).unwrap();
    let index = open(&writer.finish().unwrap()).unwrap();
    let mut postings = Vec::new();
    index.postings("text", "x", 0..1, &mut postings).unwrap();
    assert!(postings.is_empty() && index.fields().is_empty());
}
