//! What differs between two states, field by field. Applied to the first, it makes the second.

use std::fmt;

use serde_json::Value;

/// Longer values are cut where they are shown in a line.
const SHOWN: usize = 200;

/// One field that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Such as `terms.total.amount` or `roles[1]`; `$` where it is the whole.
    pub path: String,
    /// None where the field was not there.
    pub before: Option<Value>,
    /// None where the field is gone.
    pub after: Option<Value>,
}

/// In the order of the paths. What came or went as a whole is told by its fields.
pub fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", Some(before), Some(after), &mut found);
    found
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, before, after } = self;
        match (before, after) {
            (None, Some(after)) => write!(formatter, "+ {path}: {}", in_a_line(after)),
            (Some(before), None) => write!(formatter, "- {path}: {}", in_a_line(before)),
            (Some(before), Some(after)) => {
                write!(formatter, "~ {path}: {} → {}", in_a_line(before), in_a_line(after))
            }
            (None, None) => write!(formatter, "  {path}"),
        }
    }
}

fn compare(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Some(Value::Object(_)) | None, Some(Value::Object(_)) | None) if has_fields(before, after) => {
            let empty = serde_json::Map::new();
            let fields = |value: Option<&Value>| value.and_then(Value::as_object).unwrap_or(&empty).clone();
            let (old, new) = (fields(before), fields(after));
            let added = new.keys().filter(|name| !old.contains_key(*name));
            let mut names: Vec<&String> = old.keys().chain(added).collect();
            names.sort();
            for name in names {
                compare(&field(path, name), old.get(name), new.get(name), found);
            }
        }
        (Some(Value::Array(_)) | None, Some(Value::Array(_)) | None) if has_fields(before, after) => {
            let items = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
            let (old, new) = (items(before), items(after));
            for place in 0..old.len().max(new.len()) {
                compare(&format!("{path}[{place}]"), old.get(place), new.get(place), found);
            }
        }
        _ => found.push(Difference {
            path: if path.is_empty() { "$".to_owned() } else { path.to_owned() },
            before: before.cloned(),
            after: after.cloned(),
        }),
    }
}

/// What is there but empty has no field that could tell of it.
fn has_fields(before: Option<&Value>, after: Option<&Value>) -> bool {
    let is_told = |value: Option<&Value>| match value {
        Some(Value::Object(fields)) => !fields.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        _ => false,
    };
    match (before, after) {
        (Some(_), Some(_)) => true,
        _ => is_told(before) || is_told(after),
    }
}

fn field(path: &str, name: &str) -> String {
    let is_plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match (is_plain, path.is_empty()) {
        (true, true) => name.to_owned(),
        (true, false) => format!("{path}.{name}"),
        (false, _) => format!("{path}[{}]", Value::from(name)),
    }
}

fn in_a_line(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests;
