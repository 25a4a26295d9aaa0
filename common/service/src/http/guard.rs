//! What is refused before a handler sees it: more requests than an address may send, those that other sites make
//! browsers send, changes while nobody knows who must not make them, and bodies and answers without an end.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::{EdgeOptions, body};
use crate::config::PublicOrigin;
use crate::problem::{CROSS_ORIGIN, Problem, TIMEOUT, UNAVAILABLE};

/// In seconds. By then another replica answers, or this one has heard of revocations again.
const CUT_OFF_RETRY: u32 = 5;
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

pub(super) async fn guard(
    State(options): State<Arc<EdgeOptions>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let limited = options.limits.as_ref().and_then(|limits| Some((limits, limits.count(&request)?)));
    let answer = async {
        let admitted = match limited {
            Some((limits, counted)) => limits.admit(counted).await,
            None => Ok(()),
        };
        // The body of what is refused is read too: the connection may be a proxy's, and others come behind it.
        let request = match body::read(request, options.body_limit).await {
            Ok(request) => request,
            Err(refused) => return refused,
        };
        if let Err(too_many) = admitted {
            return too_many.into_response();
        }
        if changes_something(request.method()) {
            if !is_own(request.headers(), &options.public_origin) {
                return Problem::new(CROSS_ORIGIN).into_response();
            }
            if options.verifier.is_cut_off() {
                return cut_off().into_response();
            }
        }
        next.run(request).await
    };
    options.runtime.timeout(options.time_limit, answer).await.map_err(|_| Problem::new(TIMEOUT))
}

fn cut_off() -> Problem {
    let detail = "Nothing can be changed here while it is not known who was signed out.";
    Problem::new(UNAVAILABLE).detail(detail).retry_after(CUT_OFF_RETRY)
}

fn changes_something(method: &Method) -> bool {
    ![Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE].contains(method)
}

/// Only what carries cookies can be sent in a person's name by another site. `Sec-Fetch-Site` is the browser's own
/// word, so where it stands it decides.
pub fn is_own(headers: &HeaderMap, public_origin: &PublicOrigin) -> bool {
    if !headers.contains_key(header::COOKIE) {
        return true;
    }
    match (headers.get(SEC_FETCH_SITE), headers.get(header::ORIGIN)) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => origin.to_str().is_ok_and(|origin| public_origin.is(origin)),
        (None, None) => true,
    }
}
