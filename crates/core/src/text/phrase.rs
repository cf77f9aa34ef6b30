//! Where the words of a phrase stand one after the other.

use std::ops::Range;

use super::TextIndex;
use crate::error::Result;

/// Appends `(row, occurrences)` of the phrase in `field` for rows in `rows`, rows ascending. An occurrence is a
/// position from which every term stands at its distance; occurrences may overlap.
pub(super) fn occurrences(
    index: &dyn TextIndex,
    field: &str,
    phrase: &[(String, u32)],
    rows: Range<u32>,
    out: &mut Vec<(u32, u32)>,
) -> Result<()> {
    let Some(candidates) = rows_with_all(index, field, phrase, rows)? else { return Ok(()) };
    // The positions from which the phrase can still start, per candidate.
    let mut starts: Vec<Vec<u32>> = vec![Vec::new(); candidates.len()];
    for (at, (term, distance)) in phrase.iter().enumerate() {
        let mut next = 0;
        index.positions(field, term, &candidates, &mut |row, positions| {
            while candidates[next] < row {
                next += 1;
            }
            if at == 0 {
                starts[next].extend_from_slice(positions);
            } else {
                starts[next].retain(|start| {
                    start.checked_add(*distance).is_some_and(|wanted| positions.binary_search(&wanted).is_ok())
                });
            }
        })?;
    }
    for (row, starts) in candidates.into_iter().zip(starts).filter(|(_, starts)| !starts.is_empty()) {
        out.push((row, u32::try_from(starts.len()).expect("positions are numbered by u32")));
    }
    Ok(())
}

/// The rows that have every term of the phrase somewhere; `None` when there is none.
fn rows_with_all(
    index: &dyn TextIndex,
    field: &str,
    phrase: &[(String, u32)],
    rows: Range<u32>,
) -> Result<Option<Vec<u32>>> {
    let mut common: Option<Vec<u32>> = None;
    let mut postings = Vec::new();
    for (term, _) in phrase {
        postings.clear();
        index.postings(field, term, rows.clone(), &mut postings)?;
        let kept: Vec<u32> = match &common {
            None => postings.iter().map(|&(row, _)| row).collect(),
            Some(common) => {
                let mut known = common.iter().peekable();
                let mut is_common = |row: u32| {
                    while known.next_if(|&&other| other < row).is_some() {}
                    known.peek().is_some_and(|&&other| other == row)
                };
                postings.iter().map(|&(row, _)| row).filter(|&row| is_common(row)).collect()
            }
        };
        if kept.is_empty() {
            return Ok(None);
        }
        common = Some(kept);
    }
    Ok(common)
}
