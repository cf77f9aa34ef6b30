//! Postings in memory: the text index of rows that are not sealed yet.

use std::collections::HashMap;
use std::ops::Range;

use super::TextIndex;
use super::analyze::Analyzer;
use super::lengths::Lengths;
use super::writer::position_of;
use crate::document::TextField;
use crate::error::Result;

/// An immutable text index of some rows in memory.
#[derive(Debug, Default, Clone)]
pub struct MemoryText {
    names: Vec<String>,
    fields: Vec<FieldPostings>,
    rows: u32,
}

#[derive(Debug, Default, Clone)]
struct FieldPostings {
    terms: HashMap<Box<str>, Postings>,
    /// Little-endian, as in a segment.
    lengths: Vec<[u8; 4]>,
}

/// The rows of one term, ascending; the positions of `rows[i]` are `positions[ends[i - 1]..ends[i]]`.
#[derive(Debug, Default, Clone)]
struct Postings {
    rows: Vec<u32>,
    ends: Vec<u32>,
    positions: Vec<u32>,
}

impl Postings {
    fn positions(&self, at: usize) -> &[u32] {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.positions[start..self.ends[at] as usize]
    }

    fn push(&mut self, row: u32, position: u32) {
        self.positions.push(position);
        let end = u32::try_from(self.positions.len()).expect("a memtable holds far fewer words than u32 counts");
        if self.rows.last() == Some(&row) {
            *self.ends.last_mut().expect("as many ends as rows") = end;
        } else {
            self.rows.push(row);
            self.ends.push(end);
        }
    }

    fn append(&mut self, later: &Self, offset: u32) {
        let base = u32::try_from(self.positions.len()).expect("a memtable holds far fewer words than u32 counts");
        self.rows.extend(later.rows.iter().map(|row| row + offset));
        self.ends.extend(later.ends.iter().map(|end| end + base));
        self.positions.extend_from_slice(&later.positions);
    }
}

impl MemoryText {
    /// Analyses `rows` in order; each gives its texts by field, each field at most once.
    ///
    /// # Errors
    /// `InvalidSchema` for an unknown language, `Internal` for a field that is not in `fields` or comes twice in a row.
    pub fn build<'a>(fields: &[TextField], rows: impl IntoIterator<Item = Vec<(&'a str, &'a str)>>) -> Result<Self> {
        let names: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
        let analyzers: Vec<Analyzer> =
            fields.iter().map(|field| Analyzer::for_language(&field.language)).collect::<Result<_>>()?;
        let mut index = Self { fields: vec![FieldPostings::default(); names.len()], names, rows: 0 };
        let mut term = String::new();
        for texts in rows {
            let mut seen = vec![false; index.names.len()];
            for (name, text) in texts {
                let at = position_of(&index.names, name, &mut seen)?;
                let field = &mut index.fields[at];
                let mut length = 0u32;
                analyzers[at].tokens(text, &mut |token| {
                    length += u32::from(token.counted);
                    token.index_term(&mut term);
                    match field.terms.get_mut(term.as_str()) {
                        Some(postings) => postings.push(index.rows, token.position),
                        None => {
                            let mut postings = Postings::default();
                            postings.push(index.rows, token.position);
                            field.terms.insert(term.as_str().into(), postings);
                        }
                    }
                });
                field.lengths.resize(index.rows as usize, [0; 4]);
                field.lengths.push(length.to_le_bytes());
            }
            index.rows += 1;
        }
        index.pad();
        Ok(index)
    }

    /// One index over the rows of `parts`, one after the other. O(postings), nothing is analysed again.
    #[must_use]
    pub fn merge(parts: &[&MemoryText]) -> Self {
        let mut merged = Self::default();
        for part in parts {
            for (name, field) in part.names.iter().zip(&part.fields) {
                let at = merged.names.iter().position(|known| known == name).unwrap_or_else(|| {
                    merged.names.push(name.clone());
                    merged.fields.push(FieldPostings::default());
                    merged.names.len() - 1
                });
                let into = &mut merged.fields[at];
                into.lengths.resize(merged.rows as usize, [0; 4]);
                into.lengths.extend_from_slice(&field.lengths);
                for (term, postings) in &field.terms {
                    match into.terms.get_mut(term) {
                        Some(known) => known.append(postings, merged.rows),
                        None => {
                            let mut moved = Postings::default();
                            moved.append(postings, merged.rows);
                            into.terms.insert(term.clone(), moved);
                        }
                    }
                }
            }
            merged.rows += part.rows;
        }
        merged.pad();
        merged
    }

    /// Number of rows, those without text included.
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.rows
    }

    fn pad(&mut self) {
        for field in &mut self.fields {
            field.lengths.resize(self.rows as usize, [0; 4]);
        }
    }

    fn field(&self, name: &str) -> Option<&FieldPostings> {
        self.names.iter().position(|known| known == name).map(|at| &self.fields[at])
    }
}

impl TextIndex for MemoryText {
    fn postings(&self, field: &str, term: &str, rows: Range<u32>, out: &mut Vec<(u32, u32)>) -> Result<()> {
        let Some(postings) = self.field(field).and_then(|field| field.terms.get(term)) else { return Ok(()) };
        let start = postings.rows.partition_point(|&row| row < rows.start);
        let end = postings.rows.partition_point(|&row| row < rows.end).max(start);
        out.extend((start..end).map(|at| {
            let before = at.checked_sub(1).map_or(0, |before| postings.ends[before]);
            (postings.rows[at], postings.ends[at] - before)
        }));
        Ok(())
    }

    fn positions(&self, field: &str, term: &str, rows: &[u32], visit: &mut dyn FnMut(u32, &[u32])) -> Result<()> {
        let Some(postings) = self.field(field).and_then(|field| field.terms.get(term)) else { return Ok(()) };
        for &row in rows {
            if let Ok(at) = postings.rows.binary_search(&row) {
                visit(row, postings.positions(at));
            }
        }
        Ok(())
    }

    fn lengths(&self, field: &str) -> Lengths<'_> {
        self.field(field).map_or_else(Lengths::default, |field| Lengths::new(&field.lengths))
    }
}
