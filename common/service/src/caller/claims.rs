//! What an access token says. Auth signs it, every service reads it.

use std::time::Duration;

use contracts::users::Role;
use contracts::{SessionId, Timestamp, UserId};
use jsonwebtoken::Algorithm;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The one algorithm that access tokens are signed with.
pub const ALGORITHM: Algorithm = Algorithm::EdDSA;
/// The `typ` of an access token's header (RFC 9068): no other token of ours is ever taken for one.
pub const TOKEN_TYPE: &str = "at+jwt";

/// How long an access token is good.
pub const ACCESS_TOKEN_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// The claims of an access token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who made the token.
    pub iss: String,
    /// Whom it is for.
    pub aud: String,
    /// Who is calling.
    pub sub: UserId,
    /// The session that the token belongs to.
    pub sid: SessionId,
    pub roles: Vec<Role>,
    /// When it was made, in seconds since 1970.
    pub iat: i64,
    /// From when on it is not good any more, in seconds since 1970.
    pub exp: i64,
    /// The token's own id.
    pub jti: Uuid,
}

impl Claims {
    pub fn issued_at(&self) -> Timestamp {
        Timestamp::from_millis(self.iat.saturating_mul(1000))
    }

    pub fn expires_at(&self) -> Timestamp {
        Timestamp::from_millis(self.exp.saturating_mul(1000))
    }
}
