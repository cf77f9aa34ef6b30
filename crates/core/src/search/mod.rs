//! Search: legs propose documents, fusion ranks their union by both scores, the best `k` are returned.

pub mod fuse;
pub mod legs;
pub mod query;
pub mod rank;
pub mod run;
pub mod scope;
