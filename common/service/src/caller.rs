//! Who is calling, as each service finds out by itself: from the cookie or the header, with public keys only.

mod claims;
mod keys;
mod token;
mod verifier;

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use contracts::users::Role;
use contracts::{SessionId, Timestamp, UserId};
use uuid::Uuid;

use crate::problem::{FORBIDDEN, INTERNAL, Problem, UNAUTHENTICATED};

pub use claims::{ACCESS_TOKEN_LIFETIME, ALGORITHM, Claims, TOKEN_TYPE};
pub use keys::KeysError;
pub use token::{TokenFault, access_token_cookie};
pub use verifier::{NoRevocations, Revocations, Verifier};

/// The person who calls, by a token that was verified. Whoever is not signed in gets 401.
///
/// As an `Option` it is `None` for whoever brings no token; a token that is not good is 401 there too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentUser {
    pub id: UserId,
    pub roles: Vec<Role>,
    pub session: SessionId,
    pub token_id: Uuid,
    pub expires_at: Timestamp,
}

/// An admin who calls. Anybody else gets 403.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin(pub CurrentUser);

impl CurrentUser {
    pub fn is_admin(&self) -> bool {
        self.roles.contains(&Role::Admin)
    }
}

impl From<Claims> for CurrentUser {
    fn from(claims: Claims) -> Self {
        let expires_at = claims.expires_at();
        Self { id: claims.sub, roles: claims.roles, session: claims.sid, token_id: claims.jti, expires_at }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for CurrentUser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        identify(parts)?.ok_or_else(|| Problem::new(UNAUTHENTICATED))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for CurrentUser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        identify(parts)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let user = identify(parts)?.ok_or_else(|| Problem::new(UNAUTHENTICATED))?;
        if user.is_admin() { Ok(Self(user)) } else { Err(Problem::new(FORBIDDEN).detail("Admins only.")) }
    }
}

fn identify(parts: &Parts) -> Result<Option<CurrentUser>, Problem> {
    // Whoever stands in the edge's place within this process has found out by itself.
    if let Some(user) = parts.extensions.get::<CurrentUser>() {
        return Ok(Some(user.clone()));
    }
    let Some(verifier) = parts.extensions.get::<Arc<Verifier>>() else {
        tracing::error!("a route that asks who is calling is outside of the edge");
        return Err(Problem::new(INTERNAL));
    };
    let refused = |fault: TokenFault| Problem::new(UNAUTHENTICATED).detail(fault.to_string());
    let Some(token) = verifier.token_in(&parts.headers).map_err(refused)? else {
        return Ok(None);
    };
    let user: CurrentUser = verifier.verify(&token).map_err(refused)?.into();
    tracing::Span::current().record("user.id", tracing::field::display(user.id));
    Ok(Some(user))
}
