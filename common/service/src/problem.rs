//! What a caller is told when it cannot have what it asked for: one form for every service, RFC 9457.
//!
//! A problem is complete on its own; the edge renders it once more with the request's id in it.

mod shared;

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

pub use shared::*;

/// The media type of every problem.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// One kind of problem. Its slug is a promise to callers: it never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProblemType {
    /// The last part of the path `/problems/<slug>`.
    pub slug: &'static str,
    pub status: StatusCode,
    pub title: &'static str,
}

impl ProblemType {
    pub const fn new(slug: &'static str, status: StatusCode, title: &'static str) -> Self {
        Self { slug, status, title }
    }

    /// The `type` of its problems: a path on the public origin.
    pub fn path(&self) -> String {
        format!("/problems/{}", self.slug)
    }
}

/// One problem, as an answer or as the error of a handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    problem_type: ProblemType,
    detail: Option<Cow<'static, str>>,
    errors: Vec<FieldError>,
    /// In seconds.
    retry_after: Option<u32>,
}

/// What is wrong with one part of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// A JSON pointer into the body, such as `/price/amount`, or the name of a query parameter after a slash.
    pub pointer: String,
    pub detail: String,
}

/// A problem as it is written.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// A stable path, `/problems/<slug>`.
    pub r#type: String,
    pub title: String,
    pub status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<Uuid>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    pub const fn new(problem_type: ProblemType) -> Self {
        Self { problem_type, detail: None, errors: Vec::new(), retry_after: None }
    }

    /// What is the matter this time, for people.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds what is wrong at `pointer`.
    #[must_use]
    pub fn error(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.errors.push(FieldError { pointer: pointer.into(), detail: detail.into() });
        self
    }

    /// When to try again, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    pub fn problem_type(&self) -> ProblemType {
        self.problem_type
    }

    pub fn status(&self) -> StatusCode {
        self.problem_type.status
    }

    /// As it is written, for the request `instance`.
    pub fn document(&self, instance: Option<Uuid>) -> ProblemDocument {
        ProblemDocument {
            r#type: self.problem_type.path(),
            title: self.problem_type.title.to_owned(),
            status: self.status().as_u16(),
            detail: self.detail.as_ref().map(|detail| detail.clone().into_owned()),
            instance,
            errors: self.errors.clone(),
        }
    }

    /// Writes the problem over an answer, whose other headers stay.
    pub(crate) fn write(self, response: &mut Response, instance: Option<Uuid>) {
        *response.status_mut() = self.status();
        let body = serde_json::to_vec(&self.document(instance)).unwrap_or_default();
        *response.body_mut() = Body::from(body);
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        if let Some(seconds) = self.seconds_to_retry() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status() == StatusCode::UNAUTHORIZED && !headers.contains_key(header::WWW_AUTHENTICATE) {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
    }

    /// Whoever is told to come back is told when.
    fn seconds_to_retry(&self) -> Option<u32> {
        let comes_back =
            [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS].contains(&self.status());
        self.retry_after.or(comes_back.then_some(1))
    }
}

impl From<ProblemType> for Problem {
    fn from(problem_type: ProblemType) -> Self {
        Self::new(problem_type)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        self.write(&mut response, None);
        response
    }
}
