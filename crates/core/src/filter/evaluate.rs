//! Asking the tree about one row, without recursion.

use serde_json::{Map, Value};

use super::{Join, Node};
use crate::document::{FieldType, Schema, json};

/// Whether the tree is true of `metadata`. Each join stops at the first child that decides it.
pub(super) fn matches(nodes: &[Node], metadata: Option<&Map<String, Value>>, schema: &Schema) -> bool {
    let mut open: Vec<(Join, usize)> = Vec::new();
    let mut next = 0;
    loop {
        let mut answer = match &nodes[next] {
            Node::Join { join, end } if *end > next + 1 => {
                open.push((*join, *end));
                next += 1;
                continue;
            }
            Node::Join { .. } => true,
            Node::Test(predicate) => {
                let field = predicate.field();
                let value = metadata.and_then(|metadata| json::lookup(metadata, field));
                let is_date = schema.metadata.get(field).is_some_and(|entry| entry.field_type == FieldType::Date);
                predicate.test(value, is_date)
            }
        };
        next += 1;
        // Hand the answer up for as long as it decides the join above, or was its last child.
        loop {
            let Some(&(join, end)) = open.last() else { return answer };
            match join {
                Join::Not => answer = !answer,
                Join::All if answer && next < end => break,
                Join::Any if !answer && next < end => break,
                Join::All | Join::Any => {}
            }
            next = end;
            open.pop();
        }
    }
}
