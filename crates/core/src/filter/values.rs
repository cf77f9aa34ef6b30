//! Operands, prepared once so that each row costs little: what equality and order mean.

use std::cmp::Ordering;
use std::collections::HashSet;

use serde_json::Value;

use crate::document::{Instant, json};

/// The value on the right of an operator.
pub(super) enum Operand {
    Null,
    Bool(bool),
    Number(f64),
    /// The instant is what the text means in a field declared `date`; `None` when it is no date.
    String(Box<str>, Option<Instant>),
    /// An array or object, in its canonical bytes.
    Container(Box<[u8]>),
}

impl Operand {
    pub(super) fn new(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Number(number) => Self::Number(number.as_f64().unwrap_or(f64::NAN)),
            Value::String(text) => Self::String(text.as_str().into(), Instant::parse(text)),
            Value::Array(_) | Value::Object(_) => Self::Container(json::canonical(value)),
        }
    }

    /// In a date field a text that is no date equals nothing, and a date equals every spelling of its instant.
    pub(super) fn equals(&self, value: &Value, is_date: bool) -> bool {
        match (self, value) {
            (Self::Null, Value::Null) => true,
            (Self::Bool(wanted), Value::Bool(flag)) => wanted == flag,
            (Self::Container(bytes), Value::Array(_) | Value::Object(_)) => *bytes == json::canonical(value),
            _ => self.order_of(value, is_date) == Some(Ordering::Equal),
        }
    }

    /// The order of `value` relative to the operand; `None` across types and for types without an order.
    pub(super) fn order_of(&self, value: &Value, is_date: bool) -> Option<Ordering> {
        match (self, value) {
            (Self::Number(wanted), Value::Number(number)) => number.as_f64()?.partial_cmp(wanted),
            (Self::String(_, instant), Value::String(text)) if is_date => Some(Instant::parse(text)?.cmp(&(*instant)?)),
            (Self::String(wanted, _), Value::String(text)) => Some(text.as_str().cmp(wanted)),
            _ => None,
        }
    }
}

/// The values of one `$in`, by type. Only asked for membership, so hash order reaches nothing.
#[derive(Default)]
pub(super) struct ValueSet {
    null: bool,
    bools: [bool; 2],
    numbers: HashSet<u64>,
    strings: HashSet<Box<str>>,
    instants: HashSet<Instant>,
    containers: HashSet<Box<[u8]>>,
}

impl ValueSet {
    pub(super) fn new(values: &[Value]) -> Self {
        let mut set = Self::default();
        for value in values {
            match Operand::new(value) {
                Operand::Null => set.null = true,
                Operand::Bool(flag) => set.bools[usize::from(flag)] = true,
                Operand::Number(number) => _ = set.numbers.insert(json::number_bits(number)),
                Operand::String(text, instant) => {
                    set.strings.insert(text);
                    set.instants.extend(instant);
                }
                Operand::Container(bytes) => _ = set.containers.insert(bytes),
            }
        }
        set
    }

    /// Whether `value` equals one of the values, with the meaning of [`Operand::equals`].
    pub(super) fn contains(&self, value: &Value, is_date: bool) -> bool {
        match value {
            Value::Null => self.null,
            Value::Bool(flag) => self.bools[usize::from(*flag)],
            Value::Number(number) => {
                number.as_f64().is_some_and(|number| self.numbers.contains(&json::number_bits(number)))
            }
            Value::String(text) if is_date => {
                Instant::parse(text).is_some_and(|instant| self.instants.contains(&instant))
            }
            Value::String(text) => self.strings.contains(text.as_str()),
            Value::Array(_) | Value::Object(_) => {
                !self.containers.is_empty() && self.containers.contains(&json::canonical(value))
            }
        }
    }
}
