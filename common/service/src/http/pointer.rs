//! Where in a request something is not of the form that was asked for, as a JSON pointer.

use serde_path_to_error::{Path, Segment};

use crate::problem::{Problem, VALIDATION};

/// The problem of a value at `path`, of which serde says `reason`.
pub(super) fn not_of_the_form(path: &Path, reason: &str) -> Problem {
    let mut pointer = pointer(path);
    let detail = match missing_field(reason) {
        // Serde reports at the object what the object lacks.
        Some(field) => {
            push(&mut pointer, field);
            "is missing".to_owned()
        }
        None if reason.starts_with("unknown field") => "is not a field of this request".to_owned(),
        None => reason.to_owned(),
    };
    Problem::new(VALIDATION).error(pointer, detail)
}

fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => push(&mut pointer, &index.to_string()),
            Segment::Map { key } | Segment::Enum { variant: key } => push(&mut pointer, key),
            Segment::Unknown => {}
        }
    }
    pointer
}

fn push(pointer: &mut String, segment: &str) {
    pointer.push('/');
    pointer.push_str(&segment.replace('~', "~0").replace('/', "~1"));
}

fn missing_field(reason: &str) -> Option<&str> {
    reason.strip_prefix("missing field `")?.strip_suffix('`')
}
