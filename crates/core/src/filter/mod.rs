//! Room under construction: filter.
