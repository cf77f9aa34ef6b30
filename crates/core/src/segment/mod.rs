//! Room under construction: segment.
