//! What is refused before a handler sees it: requests that other sites make browsers send, and bodies and answers
//! without an end.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::Limited;

use super::EdgeOptions;
use crate::config::PublicOrigin;
use crate::problem::{BODY_TOO_LARGE, CROSS_ORIGIN, Problem, TIMEOUT};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

pub(super) async fn guard(
    State(options): State<Arc<EdgeOptions>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if changes_something(request.method()) && !is_own(request.headers(), &options.public_origin) {
        return Err(Problem::new(CROSS_ORIGIN));
    }
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if announced
        .and_then(|length| length.parse().ok())
        .is_some_and(|length: usize| length > options.body_limit)
    {
        return Err(Problem::new(BODY_TOO_LARGE).detail(at_most(options.body_limit)));
    }
    let request = request.map(|body| Body::new(Limited::new(body, options.body_limit)));
    let answer = options.runtime.timeout(options.time_limit, next.run(request)).await;
    answer.map_err(|_| Problem::new(TIMEOUT))
}

fn changes_something(method: &Method) -> bool {
    ![Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE].contains(method)
}

/// Only what carries cookies can be sent in a person's name by another site. `Sec-Fetch-Site` is the browser's own
/// word, so where it stands it decides.
fn is_own(headers: &HeaderMap, public_origin: &PublicOrigin) -> bool {
    if !headers.contains_key(header::COOKIE) {
        return true;
    }
    match (headers.get(SEC_FETCH_SITE), headers.get(header::ORIGIN)) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => origin.to_str().is_ok_and(|origin| public_origin.is(origin)),
        (None, None) => true,
    }
}

fn at_most(bytes: usize) -> String {
    format!("A body may have {bytes} bytes.")
}
