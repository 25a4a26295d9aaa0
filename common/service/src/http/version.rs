//! The version of a resource, as its `ETag`, and the version that a caller has in mind.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::problem::{Problem, STALE};

/// The version in `If-Match`, if there is one; `*` is any. What cannot be a version is not the one there is: 412.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfMatch(pub Option<u64>);

/// A resource with its version as its `ETag`.
#[derive(Clone, Copy, Debug)]
pub struct Versioned<T> {
    pub version: u64,
    pub body: T,
}

/// The header that says which version an answer shows.
pub fn etag(version: u64) -> [(HeaderName, String); 1] {
    [(header::ETAG, format!("\"{version}\""))]
}

impl IfMatch {
    /// Refuses when the caller had another version in mind than `version`.
    pub fn check(self, version: u64) -> Result<(), Problem> {
        match self.0 {
            Some(expected) if expected != version => {
                Err(Problem::new(STALE).detail(format!("It is at version {version} now.")))
            }
            _ => Ok(()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            return Ok(Self(None));
        };
        let value = value.to_str().unwrap_or_default().trim();
        if value == "*" {
            return Ok(Self(None));
        }
        let quoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        match quoted.and_then(|version| version.parse().ok()) {
            Some(version) => Ok(Self(Some(version))),
            None => Err(Problem::new(STALE).detail("If-Match has to be the ETag that was answered.")),
        }
    }
}

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        (etag(self.version), axum::Json(self.body)).into_response()
    }
}
