//! Vectors of documents and of queries.

use super::limits::{MAX_DIMENSION, exceeded};
use crate::document::{Metric, Schema};
use crate::error::{Error, ErrorKind, Result, quoted};

/// A dense vector: 1 to 4,096 finite components, as many as the collection's vectors have, not zero under cosine.
///
/// # Errors
/// `DimensionMismatch` (details `expected`, `actual`), `LimitExceeded`, `NotFinite` (`index`), `ZeroVector`.
pub fn check_vector(collection: &str, schema: &Schema, vector: &[f32]) -> Result<()> {
    if let Some(expected) = schema.dimension.filter(|expected| *expected as usize != vector.len()) {
        let message = format!(
            "vector has {} dimensions, collection {} has {expected}. Embed with the model the collection was created \
             with, or create a new collection.",
            vector.len(),
            quoted(collection)
        );
        return Err(Error::new(ErrorKind::DimensionMismatch, message)
            .with("expected", expected)
            .with("actual", vector.len()));
    }
    if vector.is_empty() {
        let message = format!("vector has 0 dimensions; it needs 1 to {MAX_DIMENSION}. Leave it out to store none.");
        return Err(Error::new(ErrorKind::DimensionMismatch, message).with("expected", 1).with("actual", 0));
    }
    if vector.len() > MAX_DIMENSION as usize {
        return Err(exceeded(
            "dimensions of a vector",
            MAX_DIMENSION as usize,
            vector.len(),
            "use a model with fewer, or project the vectors",
        ));
    }
    if let Some((index, value)) = vector.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        let message = format!("component {index} of the vector is {value}; every component must be a finite f32");
        return Err(Error::new(ErrorKind::NotFinite, message).with("index", index).with("value", value.to_string()));
    }
    if schema.metric == Metric::Cosine && vector.iter().all(|value| *value == 0.0) {
        let message = "every component of the vector is 0, so it has no direction and cosine is undefined. \
                       Leave the vector out, or use a collection with metric \"dot\" or \"l2\".";
        return Err(Error::new(ErrorKind::ZeroVector, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_vector;
    use crate::document::{Metric, Schema};
    use crate::error::ErrorKind;

    #[test]
    fn each_fault_has_its_kind() {
        let three = Schema { dimension: Some(3), ..Schema::default() };
        let dot = Schema { metric: Metric::Dot, ..Schema::default() };
        let kind = |schema: &Schema, vector: &[f32]| check_vector("docs", schema, vector).map_err(|error| error.kind());
        assert_eq!(kind(&three, &[1.0, 0.0, 0.0]), Ok(()));
        assert_eq!(kind(&three, &[f32::from_bits(1), 0.0, 0.0]), Ok(()));
        assert_eq!(kind(&three, &[f32::MAX, f32::MIN, 0.0]), Ok(()));
        assert_eq!(kind(&three, &[1.0, 0.0]), Err(ErrorKind::DimensionMismatch));
        assert_eq!(kind(&Schema::default(), &[]), Err(ErrorKind::DimensionMismatch));
        assert_eq!(kind(&Schema::default(), &[1.0; 4_096]), Ok(()));
        assert_eq!(kind(&Schema::default(), &[1.0; 4_097]), Err(ErrorKind::LimitExceeded));
        assert_eq!(kind(&three, &[0.0, -0.0, 0.0]), Err(ErrorKind::ZeroVector));
        assert_eq!(kind(&dot, &[0.0, -0.0]), Ok(()));
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let error = check_vector("docs", &three, &[0.0, bad, 1.0]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFinite);
            assert_eq!(error.details()[0], ("index", 1.into()));
        }
    }

    #[test]
    fn a_mismatch_names_both_dimensions_and_the_way_out() {
        let schema = Schema { dimension: Some(768), ..Schema::default() };
        let error = check_vector("docs", &schema, &[1.0; 384]).unwrap_err();
        assert_eq!(
            error.message(),
            "vector has 384 dimensions, collection \"docs\" has 768. Embed with the model the collection was created \
             with, or create a new collection."
        );
        assert_eq!(error.details(), [("expected", 768.into()), ("actual", 384.into())]);
    }
}
