//! From where, and by what, a request was sent; for people to recognise their sessions by, and for the audit trail.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};

use crate::audit::Client;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const MAX_CHARACTERS: usize = 255;

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get().map(|ConnectInfo(peer): &ConnectInfo<SocketAddr>| peer.ip());
        Ok(Self { user_agent: user_agent(&parts.headers), ip: forwarded_for(&parts.headers).or(peer) })
    }
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text: String = headers.get(header::USER_AGENT)?.to_str().ok()?.chars().take(MAX_CHARACTERS).collect();
    (!text.is_empty()).then_some(text)
}

/// The last address is that which the nearest proxy saw; those before it are hearsay.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all(X_FORWARDED_FOR).iter().next_back()?.to_str().ok()?;
    last.rsplit(',').next()?.trim().parse().ok()
}
