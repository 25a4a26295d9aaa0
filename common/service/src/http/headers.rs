//! What browsers are told with every answer: an answer is data for our own pages, and nothing to be run, framed, guessed
//! at or embedded elsewhere.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

const ALWAYS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
];
/// A year. Whether other hosts below ours speak HTTPS is not ours to say.
const HSTS: &str = "max-age=31536000";

/// What a handler says itself stays.
pub(super) fn tell(headers: &mut HeaderMap, is_secure: bool) {
    let secure = is_secure.then_some((header::STRICT_TRANSPORT_SECURITY, HSTS));
    for (name, value) in ALWAYS.into_iter().chain(secure) {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// Around all that a listener answers, inside the edge or outside of it.
pub(crate) async fn around(request: Request, next: Next) -> Response {
    let is_chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    tell(headers, false);
    // What follows a body in chunks may be the rest of it to a proxy that counted its length: it is not read.
    if is_chunked {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
