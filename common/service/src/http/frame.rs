//! The outermost ring of a service: each request gets its id, its span and its figures, each answer its headers, and
//! whatever says no says it as a problem.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use runtime::Runtime;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};
use uuid::Uuid;

use super::{EdgeOptions, headers};
use crate::metrics::{REQUEST_DURATION, REQUESTS};
use crate::problem::{CONTENT_TYPE, Problem, of_status};
use crate::telemetry::{TRACEPARENT, continue_from};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of the request: the caller's own, or a new one. It is the correlation id of all that follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(pub Uuid);

/// Names the request, answers in the one form, and keeps answers that are somebody's own out of caches.
pub(super) async fn frame(
    State(options): State<Arc<EdgeOptions>>,
    mut request: Request,
    next: Next,
) -> Response {
    let request_id =
        RequestId::given(request.headers()).unwrap_or_else(|| RequestId(options.runtime.new_id()));
    let signed_in = !matches!(options.verifier.token_in(request.headers()), Ok(None));
    request.extensions_mut().insert(request_id);
    request.extensions_mut().insert(options.verifier.clone());
    request.extensions_mut().insert(options.streams.clone());

    let span = request_span(&request, request_id);
    let mut response = next.run(request).instrument(span).await;
    say_as_problem(&mut response, request_id);

    let headers = response.headers_mut();
    request_id.tell(headers);
    headers::tell(headers, options.public_origin.is_secure());
    let own = signed_in || headers.contains_key(header::SET_COOKIE);
    if own && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Names the request, where an answer has a form of its own.
pub async fn named(State(runtime): State<Runtime>, mut request: Request, next: Next) -> Response {
    let request_id = RequestId::given(request.headers()).unwrap_or_else(|| RequestId(runtime.new_id()));
    request.extensions_mut().insert(request_id);
    let span = request_span(&request, request_id);
    let mut response = next.run(request).instrument(span).await;
    request_id.tell(response.headers_mut());
    response
}

/// Counts the answer, measures it and logs it, within the request's span.
#[expect(clippy::disallowed_methods, reason = "how long an answer took is told, and decides nothing")]
pub async fn observe(request: Request, next: Next) -> Response {
    let method = known_method(request.method());
    let route = route(&request);
    let started = std::time::Instant::now();
    let response = next.run(request).await;
    let status = response.status();
    let took = started.elapsed();

    Span::current().record("http.response.status_code", status.as_u16());
    count(method, &route, status.as_u16(), took);
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if status.is_server_error() {
        let problem = response.extensions().get::<Problem>().map(|problem| problem.problem_type().slug);
        tracing::warn!(took_ms, problem, "{method} {route} {status}");
    } else {
        tracing::info!(took_ms, "{method} {route} {status}");
    }
    response
}

fn count(method: &'static str, route: &str, status: u16, took: Duration) {
    let labels = [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
    metrics::counter!(REQUESTS, &labels).increment(1);
    metrics::histogram!(REQUEST_DURATION, &labels).record(took.as_secs_f64());
}

fn request_span(request: &Request, RequestId(request_id): RequestId) -> Span {
    let method = known_method(request.method());
    let route = route(request);
    let span = tracing::info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        request.id = %request_id,
        user.id = Empty,
    );
    let traceparent = request.headers().get(TRACEPARENT).and_then(|value| value.to_str().ok());
    if let Some(traceparent) = traceparent {
        continue_from(&span, traceparent);
    }
    span
}

/// By its template, so that there are as many as the service has.
fn route(request: &Request) -> String {
    let matched = request.extensions().get::<MatchedPath>();
    matched.map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned())
}

/// Callers may invent methods; figures are kept by those there are.
fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// A problem gets the request's id; what the framework refused in words of its own becomes a problem.
fn say_as_problem(response: &mut Response, RequestId(request_id): RequestId) {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        problem.write(response, Some(request_id));
    } else if is_bare_refusal(response) {
        Problem::new(of_status(response.status())).write(response, Some(request_id));
    }
}

fn is_bare_refusal(response: &Response) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let bare = content_type.is_none_or(|value| value.starts_with(b"text/plain"));
    let refused = response.status().is_client_error() || response.status().is_server_error();
    refused && bare && content_type != Some(CONTENT_TYPE.as_bytes())
}

impl RequestId {
    fn given(headers: &HeaderMap) -> Option<Self> {
        headers.get(X_REQUEST_ID)?.to_str().ok()?.parse().ok().map(Self)
    }

    fn tell(self, headers: &mut HeaderMap) {
        if let Ok(value) = HeaderValue::from_str(&self.0.to_string()) {
            headers.insert(X_REQUEST_ID, value);
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = Infallible;

    /// Outside of the edge, where no request has an id, it is nil.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get().copied().unwrap_or(Self(Uuid::nil())))
    }
}
