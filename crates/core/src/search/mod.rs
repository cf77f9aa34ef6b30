//! Room under construction: search.
