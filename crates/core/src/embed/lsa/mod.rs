//! Latent semantic analysis: terms that keep the same company get similar vectors.
//! Deerwester et al. 1990; documents are folded in, so new ones need no new fit.

mod basis;
mod corpus;
mod panels;
mod svd;

pub use basis::LsaBasis;
