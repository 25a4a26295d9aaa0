//! From where, and by what, a request was sent; for people to recognise their sessions by, and for the audit trail.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use service::http::address;

use crate::audit::Client;

const MAX_CHARACTERS: usize = 255;

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let ip = address(&parts.headers, &parts.extensions);
        Ok(Self { user_agent: user_agent(&parts.headers), ip })
    }
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text: String = headers.get(header::USER_AGENT)?.to_str().ok()?.chars().take(MAX_CHARACTERS).collect();
    (!text.is_empty()).then_some(text)
}
