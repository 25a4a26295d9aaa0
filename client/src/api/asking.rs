//! One question to a service: sent with what tells who asks, and its answer read.

use axum::http::{HeaderMap, Method, StatusCode};
use reqwest::header::{HeaderName, HeaderValue, RETRY_AFTER};
use serde::Serialize;
use serde::de::DeserializeOwned;
use service::http::RequestId;

use super::{Asking, Failure, Refusal, Upstreams};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const PREFER: HeaderName = HeaderName::from_static("prefer");
const IF_MATCH: HeaderName = HeaderName::from_static("if-match");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Which service is asked.
#[derive(Clone, Copy)]
pub(super) enum To {
    Auth,
    Tickets,
    Orders,
    Payments,
    Events,
}

/// One question.
pub(super) struct Question<'a> {
    asking: Asking<'a>,
    request: reqwest::RequestBuilder,
}

/// What was answered, if it was no refusal.
pub(super) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    body: bytes::Bytes,
}

impl<'a> Asking<'a> {
    pub(super) fn get(self, to: To, path: &str) -> Question<'a> {
        self.ask(Method::GET, to, path)
    }

    pub(super) fn post(self, to: To, path: &str) -> Question<'a> {
        self.ask(Method::POST, to, path)
    }

    pub(super) fn patch(self, to: To, path: &str) -> Question<'a> {
        self.ask(Method::PATCH, to, path)
    }

    pub(super) fn delete(self, to: To, path: &str) -> Question<'a> {
        self.ask(Method::DELETE, to, path)
    }

    /// `path` begins with a slash and may have a query.
    fn ask(self, method: Method, to: To, path: &str) -> Question<'a> {
        let base = to.among(&self.api.upstreams).as_str().trim_end_matches('/');
        let request = self.api.http.request(method, format!("{base}{path}"));
        let RequestId(id) = self.caller.request_id;
        let request = request.headers(self.caller.forwarded.clone()).header(X_REQUEST_ID, id.to_string());
        Question { asking: self, request }
    }
}

impl To {
    fn among(self, upstreams: &Upstreams) -> &reqwest::Url {
        match self {
            Self::Auth => &upstreams.auth,
            Self::Tickets => &upstreams.tickets,
            Self::Orders => &upstreams.orders,
            Self::Payments => &upstreams.payments,
            Self::Events => &upstreams.events,
        }
    }
}

impl Question<'_> {
    pub(super) fn json(mut self, body: &impl Serialize) -> Self {
        self.request = self.request.json(body);
        self
    }

    /// The same key, and it is the same request, however often it is sent.
    pub(super) fn key(self, key: &str) -> Self {
        self.header(IDEMPOTENCY_KEY, key)
    }

    /// The answer waits until it is settled, at most this many seconds.
    pub(super) fn wait(self, seconds: u8) -> Self {
        self.header(PREFER, &format!("wait={seconds}"))
    }

    /// Only if nobody changed it since.
    pub(super) fn if_version(self, version: u64) -> Self {
        self.header(IF_MATCH, &format!("\"{version}\""))
    }

    /// What cannot stand in a header is left out.
    fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.request = self.request.header(name, value);
        }
        self
    }

    /// In the place of the caller's access token.
    pub(super) fn cookie(mut self, name: &str, value: &str) -> Self {
        let mut headers = self.asking.caller.forwarded.clone();
        headers.remove(reqwest::header::COOKIE);
        if let Ok(cookie) = HeaderValue::from_str(&format!("{name}={value}")) {
            headers.insert(reqwest::header::COOKIE, cookie);
        }
        self.request = self.request.headers(headers);
        self
    }

    pub(super) async fn answer(self) -> Result<Answer, Failure> {
        let response = self.request.send().await.map_err(unreachable)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.map_err(unreachable)?;
        if status.is_success() {
            return Ok(Answer { status, headers, body });
        }
        let retry_after = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let refusal = Refusal::read(status, retry_after, headers, &body);
        if status.is_server_error() {
            tracing::warn!(status = status.as_u16(), problem = refusal.slug, "a service could not answer");
        }
        Err(Failure::Refused(Box::new(refusal)))
    }

    /// Reads what was answered.
    pub(super) async fn read<T: DeserializeOwned>(self) -> Result<T, Failure> {
        self.answer().await?.read()
    }

    /// Of what was answered only that it was no refusal.
    pub(super) async fn done(self) -> Result<(), Failure> {
        self.answer().await.map(|_| ())
    }
}

impl Answer {
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(|error| {
            tracing::error!(status = self.status.as_u16(), %error, "an answer cannot be read");
            Failure::Unreachable
        })
    }
}

/// The address is our own; it is of no use to whoever reads the log of a site, and may hold a query of a person.
fn unreachable(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    tracing::warn!(%error, "a service cannot be reached");
    Failure::Unreachable
}
