//! Questions over documents, answered alike by every store.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Which documents, in which order, how many. Fields are paths from the document's root: `state.buyer_id`. What lacks
/// the field it is sorted by comes before all others.
#[derive(Clone, Debug)]
pub struct Query {
    pub clauses: Vec<Clause>,
    pub sort: (&'static str, Direction),
    /// Only what comes after this place in the order.
    pub after: Option<Cursor>,
    pub limit: usize,
}

/// One condition. A field that is missing, null, or of another type than the value meets none of them.
#[derive(Clone, Debug)]
pub enum Clause {
    Is(&'static str, Value),
    In(&'static str, Vec<Value>),
    /// Before the value: earlier, or smaller.
    Below(&'static str, Value),
    AtLeast(&'static str, Value),
    AtMost(&'static str, Value),
    /// The text is this text, in whatever case.
    Reads(&'static str, String),
    /// The text holds this text somewhere, in whatever case.
    Contains(&'static str, String),
    Any(Vec<Clause>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Ascending,
    Descending,
}

/// A place in a sorted list: the value it is sorted by, and the document's id where values are equal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor(pub Value, pub Uuid);

/// The text is no cursor that a list gave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct CursorError;

impl Query {
    /// The oldest first, up to `limit`.
    pub fn new(limit: usize) -> Self {
        Self { clauses: Vec::new(), sort: ("created_at", Direction::Ascending), after: None, limit }
    }

    #[must_use]
    pub fn filter(mut self, clause: Clause) -> Self {
        self.clauses.push(clause);
        self
    }

    #[must_use]
    pub fn filter_if(self, clause: Option<Clause>) -> Self {
        match clause {
            Some(clause) => self.filter(clause),
            None => self,
        }
    }

    #[must_use]
    pub fn sort(mut self, field: &'static str, direction: Direction) -> Self {
        self.sort = (field, direction);
        self
    }

    #[must_use]
    pub fn after(mut self, cursor: Option<Cursor>) -> Self {
        self.after = cursor;
        self
    }

    /// Whether the document meets every condition and lies behind the cursor.
    pub(crate) fn meets(&self, document: &Value) -> bool {
        self.clauses.iter().all(|clause| clause.meets(document))
            && self
                .after
                .as_ref()
                .is_none_or(|cursor| self.compare(&cursor.key(), &Self::key(self, document)).is_lt())
    }

    /// What a document is sorted by.
    pub(crate) fn key(&self, document: &Value) -> (Value, String) {
        let id = document["_id"].as_str().unwrap_or_default().to_owned();
        (at(document, self.sort.0).clone(), id)
    }

    pub(crate) fn compare(&self, one: &(Value, String), other: &(Value, String)) -> Ordering {
        let values = compare_values(&one.0, &other.0).unwrap_or_else(|| rank(&one.0).cmp(&rank(&other.0)));
        let order = values.then_with(|| one.1.cmp(&other.1));
        match self.sort.1 {
            Direction::Ascending => order,
            Direction::Descending => order.reverse(),
        }
    }

    /// The place of a document in this list, for the next page.
    pub fn cursor<T: Serialize>(&self, id: Uuid, document: &T) -> Option<Cursor> {
        let document = serde_json::to_value(document).ok()?;
        Some(Cursor(at(&document, self.sort.0).clone(), id))
    }
}

impl Clause {
    pub(crate) fn meets(&self, document: &Value) -> bool {
        let ordered = |field: &str, value: &Value| compare_values(at(document, field), value);
        match self {
            Self::Is(field, value) => ordered(field, value) == Some(Ordering::Equal),
            Self::In(field, values) => {
                values.iter().any(|value| ordered(field, value) == Some(Ordering::Equal))
            }
            Self::Below(field, value) => ordered(field, value).is_some_and(Ordering::is_lt),
            Self::AtLeast(field, value) => ordered(field, value).is_some_and(Ordering::is_ge),
            Self::AtMost(field, value) => ordered(field, value).is_some_and(Ordering::is_le),
            Self::Reads(field, text) => {
                at(document, field).as_str().is_some_and(|held| held.to_lowercase() == text.to_lowercase())
            }
            Self::Contains(field, text) => at(document, field)
                .as_str()
                .is_some_and(|held| held.to_lowercase().contains(&text.to_lowercase())),
            Self::Any(clauses) => clauses.iter().any(|clause| clause.meets(document)),
        }
    }
}

impl Cursor {
    fn key(&self) -> (Value, String) {
        (self.0.clone(), self.1.to_string())
    }

    /// As text for a URL: opaque to whoever holds it.
    pub fn encode(&self) -> String {
        let text = serde_json::to_string(self).unwrap_or_default();
        text.bytes().map(|byte| format!("{byte:02x}")).collect()
    }

    pub fn decode(text: &str) -> Result<Self, CursorError> {
        if !text.is_ascii() || !text.len().is_multiple_of(2) {
            return Err(CursorError);
        }
        let bytes: Result<Vec<u8>, _> =
            (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16)).collect();
        let cursor: Self =
            serde_json::from_slice(&bytes.map_err(|_| CursorError)?).map_err(|_| CursorError)?;
        let is_key = cursor.0.is_string() || cursor.0.is_i64() || cursor.0.is_null();
        if is_key { Ok(cursor) } else { Err(CursorError) }
    }
}

/// The value at a path from the document's root.
pub(crate) fn at<'a>(document: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(document, |value, name| value.get(name).unwrap_or(&Value::Null))
}

/// Whether there is anything at this path, if only null.
pub(crate) fn has(document: &Value, path: &str) -> bool {
    path.split('.').try_fold(document, |value, name| value.get(name)).is_some()
}

/// The order of values of different types, which is MongoDB's.
fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Number(_) => 1,
        Value::String(_) => 2,
        Value::Object(_) => 3,
        Value::Array(_) => 4,
        Value::Bool(_) => 5,
    }
}

/// Values of one type in their order; of two types, or where there is none, nothing.
pub(crate) fn compare_values(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::String(one), Value::String(other)) => Some(one.cmp(other)),
        (Value::Number(one), Value::Number(other)) => Some(one.as_i64()?.cmp(&other.as_i64()?)),
        (Value::Bool(one), Value::Bool(other)) => Some(one.cmp(other)),
        _ => None,
    }
}
