//! What is passed on to the services of a browser's request: from where and by what it was sent, and what the browser
//! says of how it came about. Cookies are put in by who knows which.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use service::http::address;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
pub(super) const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const PASSED_ON: [HeaderName; 3] = [header::USER_AGENT, header::ORIGIN, SEC_FETCH_SITE];

/// The services take the last address of `X-Forwarded-For` for the visitor's: it is the one that our own proxy saw.
pub(super) fn headers(parts: &Parts) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for name in PASSED_ON {
        if let Some(value) = parts.headers.get(&name) {
            headers.insert(name, value.clone());
        }
    }
    if let Some(address) = address(&parts.headers, &parts.extensions)
        && let Ok(value) = HeaderValue::from_str(&address.to_string())
    {
        headers.insert(X_FORWARDED_FOR, value);
    }
    if let Some(traceparent) = service::telemetry::current_traceparent()
        && let Ok(value) = HeaderValue::from_str(&traceparent)
    {
        headers.insert(service::telemetry::TRACEPARENT, value);
    }
    headers
}
