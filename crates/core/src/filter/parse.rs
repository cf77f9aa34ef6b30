//! From JSON to the tree, without recursion: limits are checked before anything of that size is built.

use std::cmp::Ordering::{Equal, Greater, Less};

use serde_json::{Map, Value};

use super::predicate::{Predicate, Test};
use super::values::{Operand, ValueSet};
use super::{Join, MAX_DEPTH, MAX_IN_VALUES, MAX_NODES, Node};
use crate::document::json;
use crate::error::{Error, ErrorKind, Result, quoted};

const OPERATORS: &str = "$eq $ne $gt $gte $lt $lte $in $nin $exists $contains $startsWith";
const JOINS: &str = "$and $or $not";

/// What is left to read, the next on top.
enum Step<'a> {
    /// A filter object, and the join that it stands in.
    Filter(&'a Value, usize, &'a str),
    /// One entry of a filter object.
    Entry(&'a str, &'a Value, usize),
    /// One operator on a field.
    Operator(&'a str, &'a str, &'a Value),
    /// The children of the join at this node are complete.
    Close(usize),
}

/// The tree of `filter` in pre-order.
pub(super) fn nodes(filter: &Value) -> Result<Vec<Node>> {
    let mut parser = Parser { nodes: Vec::new(), counted: 0, pending: vec![Step::Filter(filter, 1, "a filter")] };
    while let Some(step) = parser.pending.pop() {
        match step {
            Step::Filter(value, depth, place) => parser.filter(value, depth, place)?,
            Step::Entry(key, value, depth) => parser.entry(key, value, depth)?,
            Step::Operator(field, operator, value) => {
                parser.count(1)?;
                parser.nodes.push(Node::Test(predicate(field, operator, value)?));
            }
            Step::Close(at) => {
                let length = parser.nodes.len();
                if let Node::Join { end, .. } = &mut parser.nodes[at] {
                    *end = length;
                }
            }
        }
    }
    Ok(parser.nodes)
}

struct Parser<'a> {
    nodes: Vec<Node>,
    counted: usize,
    pending: Vec<Step<'a>>,
}

impl<'a> Parser<'a> {
    fn filter(&mut self, value: &'a Value, depth: usize, place: &str) -> Result<()> {
        if depth > MAX_DEPTH {
            return Err(too_much("levels of filters inside filters", MAX_DEPTH, depth));
        }
        let Value::Object(map) = value else {
            let message = format!("{place} must be an object such as {{ field: value }}, not {}", type_name(value));
            return Err(Error::new(ErrorKind::InvalidFilter, message).with("operator", place));
        };
        if map.is_empty() {
            self.count(1)?;
        }
        self.all_of(map, |(key, value)| Step::Entry(key, value, depth))
    }

    fn entry(&mut self, key: &'a str, value: &'a Value, depth: usize) -> Result<()> {
        let join = match key {
            "$and" => Join::All,
            "$or" => Join::Any,
            "$not" => {
                self.count(1)?;
                self.open(Join::Not);
                self.pending.push(Step::Filter(value, depth + 1, key));
                return Ok(());
            }
            _ if key.starts_with('$') => return Err(misplaced(key)),
            field => return self.condition(field, value),
        };
        let filters = match value {
            Value::Array(filters) if !filters.is_empty() => filters,
            _ => {
                let message = format!(
                    "{key} needs an array of at least one filter, not {}; {{}} alone matches everything",
                    if value.is_array() { "an empty one" } else { type_name(value) }
                );
                return Err(Error::new(ErrorKind::InvalidFilter, message).with("operator", key));
            }
        };
        self.count(1)?;
        if self.counted + filters.len() > MAX_NODES {
            return Err(too_much("conditions in one filter", MAX_NODES, self.counted + filters.len()));
        }
        self.open(join);
        self.pending.extend(filters.iter().rev().map(|filter| Step::Filter(filter, depth + 1, key)));
        Ok(())
    }

    /// An object with a key that begins with `$` holds operators; every other value means equality.
    fn condition(&mut self, field: &'a str, value: &'a Value) -> Result<()> {
        match value {
            Value::Object(map) if map.keys().any(|key| key.starts_with('$')) => {
                self.all_of(map, |(operator, operand)| Step::Operator(field, operator, operand))
            }
            _ => {
                self.pending.push(Step::Operator(field, "$eq", value));
                Ok(())
            }
        }
    }

    /// Every entry of `map` must hold; one entry needs no join of its own.
    fn all_of(
        &mut self,
        map: &'a Map<String, Value>,
        step: impl Fn((&'a String, &'a Value)) -> Step<'a>,
    ) -> Result<()> {
        if self.counted + map.len() > MAX_NODES {
            return Err(too_much("conditions in one filter", MAX_NODES, self.counted + map.len()));
        }
        if map.len() != 1 {
            self.open(Join::All);
        }
        let first = self.pending.len();
        self.pending.extend(map.iter().map(step));
        self.pending[first..].reverse();
        Ok(())
    }

    fn open(&mut self, join: Join) {
        let at = self.nodes.len();
        self.pending.push(Step::Close(at));
        self.nodes.push(Node::Join { join, end: at });
    }

    fn count(&mut self, more: usize) -> Result<()> {
        self.counted += more;
        if self.counted > MAX_NODES {
            return Err(too_much("conditions in one filter", MAX_NODES, self.counted));
        }
        Ok(())
    }
}

fn predicate(field: &str, operator: &str, value: &Value) -> Result<Predicate> {
    let wrong = |wanted: &str| {
        let message = format!("{operator} on field {} takes {wanted}, not {}", quoted(field), type_name(value));
        Error::new(ErrorKind::InvalidFilter, message).with("operator", operator).with("field", field)
    };
    let depth = json::depth(value, MAX_DEPTH);
    if depth > MAX_DEPTH {
        return Err(too_much("levels of nesting in one value", MAX_DEPTH, depth).with("field", field));
    }
    let operand = || Operand::new(value);
    let ordered = |orders| match value {
        Value::Array(_) | Value::Object(_) => Err(wrong("a number or a string")),
        _ => Ok(Predicate::new(field, Test::Order(operand(), orders))),
    };
    let set = || {
        let values = value.as_array().ok_or_else(|| wrong("an array of values"))?;
        if values.len() > MAX_IN_VALUES {
            return Err(too_much("values in one $in", MAX_IN_VALUES, values.len()).with("field", field));
        }
        Ok(Test::In(Box::new(ValueSet::new(values))))
    };
    Ok(match operator {
        "$eq" => Predicate::new(field, Test::Equal(operand())),
        "$ne" => Predicate::not(field, Test::Equal(operand())),
        "$gt" => ordered(&[Greater])?,
        "$gte" => ordered(&[Greater, Equal])?,
        "$lt" => ordered(&[Less])?,
        "$lte" => ordered(&[Less, Equal])?,
        "$in" => Predicate::new(field, set()?),
        "$nin" => Predicate::not(field, set()?),
        "$exists" => Predicate::new(field, Test::Exists(value.as_bool().ok_or_else(|| wrong("true or false"))?)),
        "$contains" => Predicate::new(field, Test::Contains(operand())),
        "$startsWith" => {
            Predicate::new(field, Test::StartsWith(value.as_str().ok_or_else(|| wrong("a string"))?.into()))
        }
        "$near" => {
            let message = format!(
                "$near on field {} needs a geo index, which this engine does not have; \
                 store lat and lon as two numbers and use $gte and $lte",
                quoted(field)
            );
            return Err(Error::new(ErrorKind::Unsupported, message).with("operator", operator).with("field", field));
        }
        _ if operator.starts_with('$') => {
            let hint = match operator {
                "$not" => "; $not stands around a filter: { $not: { field: … } }",
                "$and" | "$or" => "; it stands around filters: { $or: [{ field: … }, …] }",
                _ => "",
            };
            let message = format!(
                "unknown operator {} on field {}; known are {OPERATORS}{hint}",
                quoted(operator),
                quoted(field)
            );
            return Err(Error::new(ErrorKind::InvalidFilter, message).with("operator", operator).with("field", field));
        }
        key => {
            let message = format!(
                "field {} has operators and the plain key {} in one object; \
                 to compare with an object, use {{ $eq: {{ … }} }}",
                quoted(field),
                quoted(key)
            );
            return Err(Error::new(ErrorKind::InvalidFilter, message).with("operator", key).with("field", field));
        }
    })
}

fn misplaced(key: &str) -> Error {
    let message = if OPERATORS.split(' ').chain(["$near"]).any(|operator| operator == key) {
        format!("{key} stands inside a field: {{ field: {{ {key}: … }} }}; around filters stand {JOINS}")
    } else {
        format!("unknown operator {}; around filters stand {JOINS}, inside a field {OPERATORS}", quoted(key))
    };
    Error::new(ErrorKind::InvalidFilter, message).with("operator", key)
}

fn too_much(what: &str, limit: usize, actual: usize) -> Error {
    let message = format!("a filter may have at most {limit} {what}, this one has {actual} or more; split the query");
    Error::new(ErrorKind::LimitExceeded, message).with("limit", limit).with("actual", actual)
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
