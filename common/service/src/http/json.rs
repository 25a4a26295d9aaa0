//! JSON bodies, taken strictly: what is not JSON, not of the right form, or more than was asked for is refused, with a
//! pointer to it.

use axum::body::Bytes;
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::pointer::not_of_the_form;
use crate::problem::{BODY_TOO_LARGE, MALFORMED_JSON, Problem, UNSUPPORTED_MEDIA_TYPE, VALIDATION};

/// A body of JSON. A request's type says `#[serde(deny_unknown_fields)]`, so that nobody sets a field that is not
/// theirs.
///
/// As an `Option` it is `None` when the request has no `Content-Type`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        if !is_json(request.headers()) {
            return Err(
                Problem::new(UNSUPPORTED_MEDIA_TYPE).detail("Content-Type has to be application/json.")
            );
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            match rejection.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => Problem::new(BODY_TOO_LARGE),
                _ => Problem::new(MALFORMED_JSON).detail("The body broke off."),
            }
        })?;
        decode(&body).map(Self)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> OptionalFromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Self::Rejection> {
        if !request.headers().contains_key(header::CONTENT_TYPE) {
            return Ok(None);
        }
        <Self as FromRequest<S>>::from_request(request, state).await.map(Some)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // First whether it is JSON at all, so that a wrong field does not hide that the rest is broken.
    serde_json::from_slice::<IgnoredAny>(body).map_err(|error| {
        let reason = without_place(&error);
        let place = format!("line {}, column {}", error.line(), error.column());
        Problem::new(MALFORMED_JSON).detail(format!("Not JSON at {place}: {reason}."))
    })?;
    // Serde would take a list for an object, field by field.
    if body.trim_ascii_start().first() == Some(&b'[') {
        return Err(Problem::new(VALIDATION).error("", "expected an object"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| not_of_the_form(error.path(), &without_place(error.inner())))
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media_type == "application/json"
        || media_type.starts_with("application/") && media_type.ends_with("+json")
}

/// What serde_json says, without the line and column at its end.
fn without_place(error: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = error.to_string();
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}
