//! What surrounds every page: its request gets an id, a span and its figures, other sites cannot send forms in a
//! visitor's name, what goes wrong becomes a page, and browsers are told what they may do with it.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use service::http::{RequestId, is_own, named, observe};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::site::Site;
use crate::trouble::{self, Trouble};
use crate::visitor::{Visitor, carry_on};

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
/// A year.
const HSTS: &str = "max-age=31536000";
/// Scripts, styles and pictures of our own, and nothing that stands in a page itself.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; \
     img-src 'self' data:; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'; object-src 'none'";
const TOLD: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
    (CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
    (PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=()"),
];
/// Of a form. No field of any is longer than a few thousand characters.
const LONGEST_BODY: usize = 64 * 1024;

pub(crate) fn around(pages: Router, site: Site) -> Router {
    pages
        .fallback(async || Trouble::NotFound)
        .method_not_allowed_fallback(async || Trouble::NotFound)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| Trouble::Broken.into_response()))
        .layer(from_fn_with_state(site.clone(), tell))
        .layer(from_fn_with_state(site.clone(), carry_on))
        .layer(from_fn_with_state(site.clone(), guard))
        .layer(from_fn(observe))
        .layer(from_fn_with_state(site.runtime().clone(), named))
        .layer(CompressionLayer::new())
}

/// Turns away what another site made a browser send, before anybody is asked anything.
async fn guard(State(site): State<Site>, request: Request, next: Next) -> Response {
    let changes = request.method() != Method::GET && request.method() != Method::HEAD;
    if changes && !is_own(request.headers(), site.public_origin()) {
        return trouble::bare(axum::http::StatusCode::FORBIDDEN);
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let secure = site.public_origin().is_secure().then_some((header::STRICT_TRANSPORT_SECURITY, HSTS));
    for (name, value) in TOLD.into_iter().chain(secure) {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Trouble becomes a page for this visitor, and no cache keeps what is somebody's own.
async fn tell(
    State(site): State<Site>,
    RequestId(request_id): RequestId,
    visitor: Visitor,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    let is_own = visitor.who.is_some();
    let mut response = trouble::told(response, &site, visitor, request_id);
    let headers = response.headers_mut();
    let keep =
        if is_own || headers.contains_key(header::SET_COOKIE) { "no-store" } else { "private, no-cache" };
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static(keep));
    headers.append(header::VARY, HeaderValue::from_static("accept-language, cookie"));
    response
}
