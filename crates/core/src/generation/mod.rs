//! Room under construction: generation.
