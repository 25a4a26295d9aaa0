//! Who is visiting: by the browser's cookies, for show alone. Whether somebody may do something is for the services to
//! say, who are asked in the visitor's name.

mod carrying_on;
mod cookies;
mod forwarded;

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contracts::{Timestamp, UserId};
use serde::Deserialize;
use service::http::RequestId;

use crate::locale::Locale;
use crate::trouble::Trouble;

pub(crate) use carrying_on::carry_on;
pub(crate) use cookies::pass_cookies_on;

/// Whoever asks for a page.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub caller: Caller,
    /// Nobody, for who is not signed in.
    pub who: Option<Who>,
    pub locale: &'static Locale,
    /// Path and query of the page that is asked for, or that the form stands on which was sent.
    pub here: String,
    /// Whether the session could not be carried on because auth was away: who is signed in is not known.
    pub is_unsure: bool,
}

/// A visitor who is signed in.
pub(crate) struct Member {
    pub visitor: Visitor,
    pub who: Who,
}

/// What the services are told of who asks.
#[derive(Clone)]
pub(crate) struct Caller {
    pub request_id: RequestId,
    /// Headers that are sent along with each question.
    pub forwarded: HeaderMap,
}

/// Out of the access token, which nobody has verified here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Who {
    pub id: UserId,
    pub is_admin: bool,
    pub expires_at: Timestamp,
}

#[derive(Deserialize)]
struct Claims {
    sub: UserId,
    #[serde(default)]
    roles: Vec<String>,
    exp: i64,
}

impl Who {
    /// The middle part of the token says it.
    fn read(token: &str) -> Option<Self> {
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
        let Claims { sub, roles, exp } = serde_json::from_slice(&claims).ok()?;
        let is_admin = roles.iter().any(|role| role == "admin");
        Some(Self { id: sub, is_admin, expires_at: Timestamp::from_millis(exp.saturating_mul(1000)) })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().cloned().ok_or(Trouble::Broken)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Member {
    type Rejection = Trouble;

    /// Whoever is not signed in is sent to sign in first, and comes back here.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let visitor = Visitor::from_request_parts(parts, state).await?;
        match visitor.who {
            Some(who) => Ok(Self { visitor, who }),
            None if visitor.is_unsure => Err(Trouble::Unavailable(None)),
            None => Err(Trouble::SignInFirst(visitor.here)),
        }
    }
}

/// For the admins' pages. To others they are not there.
pub(crate) struct Admin(pub Visitor);

impl<S: Send + Sync> FromRequestParts<S> for Admin {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let Member { visitor, who } = Member::from_request_parts(parts, state).await?;
        if who.is_admin { Ok(Self(visitor)) } else { Err(Trouble::Forbidden) }
    }
}

/// The page with the form that was sent, by the browser's word: a path on this site or nothing.
fn came_from(headers: &HeaderMap) -> Option<String> {
    let referrer = headers.get(axum::http::header::REFERER)?.to_str().ok()?;
    let uri: axum::http::Uri = referrer.parse().ok()?;
    let path = uri.path_and_query()?.as_str();
    (!path.starts_with("//")).then(|| path.to_owned())
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let request_id = RequestId::from_request_parts(parts, state).await?;
        Ok(Self { request_id, forwarded: forwarded::headers(parts) })
    }
}

#[cfg(test)]
mod tests;
