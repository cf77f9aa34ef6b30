//! Numbers in a section: one at a time, or a whole column as a slice without copying.

use std::ops::Deref;
use std::sync::Arc;

use super::container::Section;

mod sealed {
    pub trait Sealed {}
}

/// A fixed-width number that is stored little-endian.
pub trait Scalar: bytemuck::Pod + sealed::Sealed {
    /// The number in the bytes at its start; `None` when they are too few.
    #[doc(hidden)]
    fn from_little_endian(bytes: &[u8]) -> Option<Self>;
}

macro_rules! scalars {
    ($($number:ty),*) => {$(
        impl sealed::Sealed for $number {}
        impl Scalar for $number {
            fn from_little_endian(bytes: &[u8]) -> Option<Self> {
                bytes.first_chunk().map(|bytes| Self::from_le_bytes(*bytes))
            }
        }
    )*};
}
scalars!(u32, u64, f32);

/// All numbers of a section: the stored bytes themselves where they are aligned and the machine is little-endian, else
/// one copy. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Column<T: Scalar>(Inner<T>);

/// A column of `f32`, as raw vectors are stored: row after row.
pub type FloatColumn = Column<f32>;

#[derive(Debug, Clone)]
enum Inner<T> {
    Stored(Section),
    Copied(Arc<[T]>),
}

impl<T: Scalar> Column<T> {
    /// The numbers of `section`; `None` when its length is no multiple of their width.
    #[must_use]
    pub fn new(section: Section) -> Option<Self> {
        let width = size_of::<T>();
        if !section.len().is_multiple_of(width) {
            return None;
        }
        if cfg!(target_endian = "little") && bytemuck::try_cast_slice::<u8, T>(&section).is_ok() {
            return Some(Self(Inner::Stored(section)));
        }
        let numbers: Option<Vec<T>> = section.chunks_exact(width).map(T::from_little_endian).collect();
        Some(Self(Inner::Copied(numbers?.into())))
    }
}

impl<T: Scalar> Deref for Column<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        match &self.0 {
            Inner::Stored(section) => bytemuck::cast_slice(section),
            Inner::Copied(numbers) => numbers,
        }
    }
}

/// The `i`-th u32 of an array in `bytes`; `None` past the end.
#[must_use]
pub fn u32_at(bytes: &[u8], i: usize) -> Option<u32> {
    at(bytes, i)
}

/// The `i`-th u64 of an array in `bytes`; `None` past the end.
#[must_use]
pub fn u64_at(bytes: &[u8], i: usize) -> Option<u64> {
    at(bytes, i)
}

/// The `i`-th f32 of an array in `bytes`; `None` past the end.
#[must_use]
pub fn f32_at(bytes: &[u8], i: usize) -> Option<f32> {
    at(bytes, i)
}

fn at<T: Scalar>(bytes: &[u8], i: usize) -> Option<T> {
    T::from_little_endian(bytes.get(i.checked_mul(size_of::<T>())?..)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::vfs::FileView;

    #[test]
    fn aligned_and_unaligned_bytes_give_the_same_numbers() {
        let numbers: Vec<f32> = (0..100).map(|i| i as f32 * 0.5 - 7.0).collect();
        let bytes: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        for shift in 0..8 {
            let shifted = [vec![0xff; shift], bytes.clone()].concat();
            let section = Section::from_view(FileView::new(shifted)).slice(shift..shift + bytes.len()).unwrap();
            assert_eq!(&*FloatColumn::new(section.clone()).unwrap(), numbers);
            assert_eq!(f32_at(&section, 99), Some(numbers[99]));
            assert_eq!(f32_at(&section, 100), None);
            assert_eq!(u64_at(&section, 50), None);
            assert!(FloatColumn::new(section.slice(0..7).unwrap()).is_none());
        }
        assert_eq!(u32_at(&bytes, usize::MAX), None);
    }
}
