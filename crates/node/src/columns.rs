//! Columns on their way to JavaScript: few large values instead of many small ones.
//!
//! Typed arrays are copied into memory that JavaScript allocated: external buffers cost more below about 100 KB and are
//! forbidden in Electron.

use napi::bindgen_prelude::{Float32ArraySlice, Float64ArraySlice, Int32ArraySlice, ToNapiValue, Uint32ArraySlice};
use napi::{Env, sys};
use napi_derive::napi;

/// Strings in one: string `i` is `text.slice(ends[i - 1] ?? 0, ends[i])`.
#[napi(object, object_from_js = false)]
pub struct Strings {
    /// All of them, one after another.
    pub text: String,
    /// Where each ends, in UTF-16 units.
    #[napi(ts_type = "Uint32Array")]
    pub ends: U32s,
}

/// Collects [`Strings`].
#[derive(Default)]
pub(crate) struct StringsBuilder {
    text: String,
    ends: Vec<u32>,
    units: usize,
}

impl StringsBuilder {
    pub(crate) fn push(&mut self, value: &str) {
        self.text.push_str(value);
        self.units += utf16_length(value);
        // JavaScript's strings end at 2^29 units, so a longer sum fails when the string is made, not here.
        self.ends.push(u32::try_from(self.units).unwrap_or(u32::MAX));
    }

    pub(crate) fn finish(self) -> Strings {
        Strings { text: self.text, ends: U32s(self.ends) }
    }
}

/// How long JavaScript finds a string.
pub(crate) fn utf16_length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

/// Optional rows of `f32` in one array; an absent row has the length -1.
#[napi(object, object_from_js = false)]
pub struct Vectors {
    /// All rows, one after another.
    #[napi(ts_type = "Float32Array")]
    pub values: F32s,
    /// Components of each row.
    #[napi(ts_type = "Int32Array")]
    pub lengths: I32s,
}

/// The length of a row that is not there.
pub(crate) const ABSENT: i32 = -1;

/// Collects [`Vectors`].
#[derive(Default)]
pub(crate) struct VectorsBuilder {
    values: Vec<f32>,
    lengths: Vec<i32>,
}

impl VectorsBuilder {
    pub(crate) fn push(&mut self, row: Option<&[f32]>) {
        self.values.extend_from_slice(row.unwrap_or_default());
        self.lengths.push(row.map_or(ABSENT, |row| i32::try_from(row.len()).unwrap_or(i32::MAX)));
    }

    /// A row whose absence means something else.
    pub(crate) fn push_missing(&mut self, length: i32) {
        self.lengths.push(length);
    }

    pub(crate) fn finish(self) -> Vectors {
        Vectors { values: F32s(self.values), lengths: I32s(self.lengths) }
    }
}

macro_rules! copied {
    ($($(#[$doc:meta])* $name:ident($element:ty) as $slice:ident;)*) => {$(
        $(#[$doc])*
        pub struct $name(pub(crate) Vec<$element>);

        impl ToNapiValue for $name {
            #[allow(unsafe_code)] // napi's trait demands an unsafe function
            unsafe fn to_napi_value(env: sys::napi_env, value: Self) -> napi::Result<sys::napi_value> {
                let copy = $slice::copy_from(&Env::from_raw(env), &value.0)?;
                // SAFETY: `env` is the environment that `copy` was just made in, on its own thread, by this trait's contract.
                unsafe { ToNapiValue::to_napi_value(env, &copy) }
            }
        }
    )*};
}

copied! {
    /// Becomes a `Float64Array`.
    F64s(f64) as Float64ArraySlice;
    /// Becomes a `Float32Array`.
    F32s(f32) as Float32ArraySlice;
    /// Becomes an `Int32Array`.
    I32s(i32) as Int32ArraySlice;
    /// Becomes a `Uint32Array`.
    U32s(u32) as Uint32ArraySlice;
}

/// Rows of a flat array, as JavaScript sends them; [`ABSENT`] lengths have no row.
///
/// # Errors
/// `InvalidArg` when the lengths do not add up to the array.
pub(crate) fn rows<'a>(values: &'a [f32], lengths: &[i32]) -> napi::Result<Vec<Option<&'a [f32]>>> {
    let mut rest = values;
    let mut rows = Vec::with_capacity(lengths.len());
    for length in lengths {
        rows.push(match usize::try_from(*length) {
            Ok(length) if length <= rest.len() => {
                let (row, others) = rest.split_at(length);
                rest = others;
                Some(row)
            }
            Ok(_) => return Err(mismatch(values.len())),
            Err(_) => None,
        });
    }
    if rest.is_empty() { Ok(rows) } else { Err(mismatch(values.len())) }
}

fn mismatch(values: usize) -> napi::Error {
    napi::Error::new(napi::Status::InvalidArg, format!("the lengths of vectors do not add up to {values} values"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_count_utf16_units() {
        let mut strings = StringsBuilder::default();
        for value in ["ab", "", "ä", "🙂x"] {
            strings.push(value);
        }
        let strings = strings.finish();
        assert_eq!((strings.text.as_str(), strings.ends.0), ("abä🙂x", vec![2, 2, 3, 6]));
    }

    #[test]
    fn rows_are_cut_by_their_lengths_and_must_fit() {
        let values = [1.0, 2.0, 3.0];
        assert_eq!(rows(&values, &[1, -1, 2, 0]).unwrap(), [Some(&[1.0][..]), None, Some(&[2.0, 3.0]), Some(&[])]);
        assert!(rows(&values, &[1]).is_err());
        assert!(rows(&values, &[4]).is_err());
        assert!(rows(&values, &[]).is_err());
    }

    #[test]
    fn absent_rows_are_told_from_empty_ones() {
        let mut vectors = VectorsBuilder::default();
        vectors.push(Some(&[1.0, 2.0]));
        vectors.push(None);
        vectors.push(Some(&[]));
        let vectors = vectors.finish();
        assert_eq!((vectors.values.0, vectors.lengths.0), (vec![1.0, 2.0], vec![2, -1, 0]));
    }
}
