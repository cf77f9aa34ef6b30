//! One operator on one field.

use std::cmp::Ordering;

use serde_json::Value;

use super::values::{Operand, ValueSet};

/// A test of one field's value.
pub(super) struct Predicate {
    field: Box<str>,
    test: Test,
    /// `$ne` is not `$eq` and `$nin` is not `$in`, so both are true of a missing field.
    negated: bool,
}

pub(super) enum Test {
    Equal(Operand),
    In(Box<ValueSet>),
    /// True for the listed orders of the value relative to the operand.
    Order(Operand, &'static [Ordering]),
    Exists(bool),
    Contains(Operand),
    StartsWith(Box<str>),
}

impl Predicate {
    pub(super) fn new(field: &str, test: Test) -> Self {
        Self { field: field.into(), test, negated: false }
    }

    pub(super) fn not(field: &str, test: Test) -> Self {
        Self { field: field.into(), test, negated: true }
    }

    pub(super) fn field(&self) -> &str {
        &self.field
    }

    /// `value`: the field's, `None` when the document has no such field. `is_date`: strings compare by instant.
    pub(super) fn test(&self, value: Option<&Value>, is_date: bool) -> bool {
        let holds = match (&self.test, value) {
            (Test::Exists(wanted), value) => value.is_some() == *wanted,
            (_, None) => false,
            (Test::Equal(operand), Some(value)) => operand.equals(value, is_date),
            (Test::In(set), Some(value)) => set.contains(value, is_date),
            (Test::Order(operand, orders), Some(value)) => {
                operand.order_of(value, is_date).is_some_and(|order| orders.contains(&order))
            }
            (Test::Contains(operand), Some(Value::Array(items))) => {
                items.iter().any(|item| operand.equals(item, is_date))
            }
            (Test::StartsWith(prefix), Some(Value::String(text))) => text.starts_with(&**prefix),
            (Test::Contains(_) | Test::StartsWith(_), Some(_)) => false,
        };
        holds != self.negated
    }
}
