//! Conditions as the server understands them.

use mongodb::bson::{Bson, Document, doc};
use serde_json::Value;

use super::json_to_bson;
use crate::query::{Clause, Cursor, Direction};

/// What comes after the cursor; what lacks the field comes before all that has it.
pub(super) fn behind(cursor: &Cursor, field: &str, direction: Direction) -> Document {
    let (value, id) = (json_to_bson(&cursor.0).unwrap_or(Bson::Null), cursor.1.to_string());
    let further = match (direction, &value) {
        (Direction::Ascending, Bson::Null) => doc! { field: { "$ne": Bson::Null } },
        (Direction::Ascending, value) => doc! { field: { "$gt": value } },
        (Direction::Descending, Bson::Null) => nothing(),
        (Direction::Descending, value) => {
            doc! { "$or": [{ field: { "$lt": value } }, { field: Bson::Null }] }
        }
    };
    let beyond = match direction {
        Direction::Ascending => "$gt",
        Direction::Descending => "$lt",
    };
    doc! { "$or": [further, { field: value, "_id": { beyond: id } }] }
}

/// The server would take a missing field for null: but nothing is equal to null, or comes before or after it.
pub(super) fn condition(clause: &Clause) -> Document {
    let bson = |value: &Value| json_to_bson(value).ok().filter(|value| *value != Bson::Null);
    let compared = |field: &str, operator: &str, value: &Value| match bson(value) {
        Some(value) => doc! { field: { operator: value } },
        None => nothing(),
    };
    match clause {
        Clause::Is(field, value) => bson(value).map_or_else(nothing, |value| doc! { *field: value }),
        Clause::In(field, values) => {
            doc! { *field: { "$in": values.iter().filter_map(bson).collect::<Vec<_>>() } }
        }
        Clause::Below(field, value) => compared(field, "$lt", value),
        Clause::AtLeast(field, value) => compared(field, "$gte", value),
        Clause::AtMost(field, value) => compared(field, "$lte", value),
        Clause::Reads(field, text) => {
            doc! { *field: { "$regex": format!("\\A{}\\z", literally(text)), "$options": "i" } }
        }
        Clause::Contains(field, text) => doc! { *field: { "$regex": literally(text), "$options": "i" } },
        Clause::Any(clauses) if clauses.is_empty() => nothing(),
        Clause::Any(clauses) => doc! { "$or": clauses.iter().map(condition).collect::<Vec<_>>() },
    }
}

fn nothing() -> Document {
    doc! { "_id": { "$in": [] } }
}

/// A pattern that matches just this text: every character that is no letter or digit is escaped.
fn literally(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut pattern, character| {
        if character.is_ascii_control() {
            return pattern + &format!("\\x{:02x}", u32::from(character));
        }
        if character.is_ascii() && !character.is_ascii_alphanumeric() {
            pattern.push('\\');
        }
        pattern.push(character);
        pattern
    })
}

pub(super) fn sign(direction: Direction) -> i32 {
    match direction {
        Direction::Ascending => 1,
        Direction::Descending => -1,
    }
}
