//! What a service says no with.

use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

/// A question got no answer that a page could show.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("refused: {}", .0.slug)]
    Refused(Box<Refusal>),
    #[error("the service cannot be reached")]
    Unreachable,
}

/// A problem document of a service (RFC 9457).
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub status: StatusCode,
    /// The last part of its type: `ticket-reserved`.
    pub slug: String,
    pub detail: Option<String>,
    pub errors: Vec<FieldError>,
    /// In seconds.
    pub retry_after: Option<u32>,
    /// Of the answer: it may take cookies away.
    pub headers: HeaderMap,
}

/// What is wrong with one part of what was sent.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct FieldError {
    /// A JSON pointer, such as `/price/amount`.
    pub pointer: String,
    pub detail: String,
}

#[derive(Deserialize)]
struct Document {
    r#type: String,
    detail: Option<String>,
    #[serde(default)]
    errors: Vec<FieldError>,
}

impl Refusal {
    /// What is no problem document, as of something that stands between us and the service, has an empty slug.
    pub(super) fn read(
        status: StatusCode,
        retry_after: Option<u32>,
        headers: HeaderMap,
        body: &[u8],
    ) -> Self {
        let Document { r#type, detail, errors } = serde_json::from_slice(body).unwrap_or(Document {
            r#type: String::new(),
            detail: None,
            errors: Vec::new(),
        });
        let slug = r#type.rsplit('/').next().unwrap_or_default().to_owned();
        Self { status, slug, detail, errors, retry_after, headers }
    }

    #[cfg(test)]
    pub(crate) fn for_tests(body: &[u8]) -> Self {
        Self::read(StatusCode::UNPROCESSABLE_ENTITY, None, HeaderMap::new(), body)
    }
}

impl Failure {
    /// The refusal, if it is one of this kind.
    pub(crate) fn is(&self, slug: &str) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.slug == slug)
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Refused(refusal) => refusal.status,
            Self::Unreachable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
