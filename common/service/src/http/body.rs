//! The body of a request, read to its end before anything is answered. What stays unread makes the server close the
//! connection, and a proxy that had the next request on its way there would fail somebody else's.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use http_body_util::BodyExt as _;

use crate::problem::{BODY_TOO_LARGE, MALFORMED_JSON, Problem};

/// How much of a body that is too large is read and thrown away, so that its sender hears the answer.
const THROWN_AWAY: usize = 2 * 1024 * 1024;

/// The request with its whole body in hand, or the answer to one that is too large or breaks off.
pub(super) async fn read(request: Request, limit: usize) -> Result<Request, Response> {
    let too_large = || Problem::new(BODY_TOO_LARGE).detail(format!("A body may have {limit} bytes."));
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if announced.and_then(|length| length.parse().ok()).is_some_and(|length: usize| length > THROWN_AWAY) {
        return Err(and_close(too_large()));
    }
    let (parts, mut body) = request.into_parts();
    let (mut read, mut length) = (Vec::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Err(and_close(Problem::new(MALFORMED_JSON).detail("The body broke off.")));
        };
        let Ok(data) = frame.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length > THROWN_AWAY {
            return Err(and_close(too_large()));
        }
        if length <= limit {
            read.extend_from_slice(&data);
        }
    }
    if length > limit {
        return Err(too_large().into_response());
    }
    Ok(Request::from_parts(parts, Body::from(Bytes::from(read))))
}

/// Says so, where there is more to come than is read.
fn and_close(problem: Problem) -> Response {
    let mut response = problem.into_response();
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
