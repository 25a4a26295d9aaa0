//! The driver's errors in our words. Its own print whole documents, and are never shown.

use mongodb::bson::Document;
use mongodb::error::{Error, ErrorKind, WriteFailure};

use crate::store::{CommitError, StoreError};

const DUPLICATE_KEY: i32 = 11_000;

pub(super) fn unavailable(error: &Error) -> StoreError {
    StoreError::Unavailable(in_short(error))
}

pub(super) fn malformed(document: &Document, why: &str) -> StoreError {
    StoreError::Malformed(document.get_str("_id").unwrap_or("without an id").to_owned(), why.to_owned())
}

/// A duplicate key was not written; of anything else nobody knows.
pub(super) fn of_commit(error: &Error) -> CommitError {
    match duplicate(error).as_deref() {
        Some("_id_") => CommitError::Conflict,
        Some(index) => CommitError::Taken(index.to_owned()),
        None => CommitError::Unknown(in_short(error)),
    }
}

/// The name of the index that refused the write.
fn duplicate(error: &Error) -> Option<String> {
    let (code, message) = match error.kind.as_ref() {
        ErrorKind::Write(WriteFailure::WriteError(error)) => (error.code, &error.message),
        ErrorKind::Command(error) => (error.code, &error.message),
        _ => return None,
    };
    (code == DUPLICATE_KEY).then(|| {
        let name = message.split("index: ").nth(1).and_then(|rest| rest.split_whitespace().next());
        name.unwrap_or("unknown").to_owned()
    })
}

fn in_short(error: &Error) -> String {
    match error.kind.as_ref() {
        ErrorKind::Io(error) => format!("connection to MongoDB lost: {}", error.kind()),
        ErrorKind::ServerSelection { .. } => "no MongoDB server answers".to_owned(),
        ErrorKind::ConnectionPoolCleared { .. } => "the connections to MongoDB were closed".to_owned(),
        ErrorKind::Command(error) => format!("MongoDB refused: {} ({})", error.code_name, error.code),
        ErrorKind::Write(WriteFailure::WriteError(error)) => {
            format!("MongoDB refused the write: {}", error.code)
        }
        ErrorKind::Write(WriteFailure::WriteConcernError(error)) => {
            format!("the write was not confirmed: {} ({})", error.code_name, error.code)
        }
        _ => "MongoDB failed".to_owned(),
    }
}
