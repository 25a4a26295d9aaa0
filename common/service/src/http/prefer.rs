//! How long the caller would like to wait for the matter to be settled.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};

const PREFER: HeaderName = HeaderName::from_static("prefer");
const LONGEST: Duration = Duration::from_secs(10);

/// `Prefer: wait=N` (RFC 7240), at most 10 s. A preference that makes no sense is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreferWait(pub Option<Duration>);

impl<S: Send + Sync> FromRequestParts<S> for PreferWait {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(wait(&parts.headers)))
    }
}

/// The first `wait` counts, as the RFC has it.
fn wait(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
    let (_, seconds) = values
        .flat_map(|value| value.split(','))
        .filter_map(|preference| preference.split(';').next()?.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("wait"))?;
    let seconds = seconds.trim();
    let seconds = seconds.strip_prefix('"').and_then(|quoted| quoted.strip_suffix('"')).unwrap_or(seconds);
    let is_number = !seconds.is_empty() && seconds.bytes().all(|byte| byte.is_ascii_digit());
    // What is too large for a number is longer than the longest.
    is_number.then(|| seconds.parse().map_or(LONGEST, Duration::from_secs).min(LONGEST))
}
