//! An answer on the wire: status, JSON, and the headers Stripe sets.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::errors::ApiError;
use crate::events::API_VERSION;
use crate::idempotency::KeptAnswer;

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
    /// The request whose answer this is, when it was given before.
    replays: Option<String>,
    /// Whether Stripe advises to try again under the same key.
    should_retry: Option<bool>,
}

impl Answer {
    pub(super) fn of(result: Result<Value, ApiError>) -> Self {
        match result {
            Ok(value) => Self { status: 200, body: pretty(&value), replays: None, should_retry: None },
            Err(error) => Self::refusal(&error),
        }
    }

    pub(super) fn refusal(error: &ApiError) -> Self {
        let should_retry = match error.status {
            409 | 429 => Some(true),
            400..=499 => Some(false),
            _ => None,
        };
        Self { status: error.status, body: pretty(&error.json()), replays: None, should_retry }
    }

    pub(super) fn replay(kept: KeptAnswer) -> Self {
        Self { status: kept.status, body: kept.body, replays: Some(kept.request_id), should_retry: None }
    }

    pub(super) fn into_response(
        self,
        request_id: &str,
        version: Option<HeaderValue>,
        key: Option<&str>,
    ) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, [(header::CONTENT_TYPE, "application/json")], self.body).into_response();
        let mut set = |name: &'static str, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        };
        set("request-id", request_id);
        if let Some(key) = key {
            set("idempotency-key", key);
        }
        if let Some(original) = &self.replays {
            set("idempotent-replayed", "true");
            set("original-request", original);
        }
        if let Some(should_retry) = self.should_retry {
            set("stripe-should-retry", if should_retry { "true" } else { "false" });
        }
        if self.status == 401 {
            set("www-authenticate", "Basic realm=\"Stripe\"");
        }
        let version = version.unwrap_or(HeaderValue::from_static(API_VERSION));
        response.headers_mut().insert(HeaderName::from_static("stripe-version"), version);
        response
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}")
}
