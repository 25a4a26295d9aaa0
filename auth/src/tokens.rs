//! Access tokens: the one place that makes them.

use std::path::Path;

use contracts::users::Role;
use contracts::{SessionId, Timestamp, UserId};
use jsonwebtoken::{Header, encode};
use service::caller::{ACCESS_TOKEN_LIFETIME, ALGORITHM, Claims, TOKEN_TYPE};
use uuid::Uuid;

use crate::keys::{KeysError, SigningKey};

/// A token cannot be signed.
#[derive(Debug, thiserror::Error)]
#[error("a token cannot be signed: {0}")]
pub struct SigningError(#[from] jsonwebtoken::errors::Error);

/// Signs with the private key, in the name of one issuer for one audience.
pub struct Signer {
    key: SigningKey,
    issuer: String,
    audience: String,
}

/// Whom a token is for.
#[derive(Clone, Debug)]
pub struct Subject {
    pub user: UserId,
    pub roles: Vec<Role>,
    pub session: SessionId,
}

impl Signer {
    /// Reads the private key, whose public half has to be in the JWKS file.
    pub fn open(key: &Path, jwks: &Path, issuer: &str, audience: &str) -> Result<Self, KeysError> {
        let key = SigningKey::open(key, jwks)?;
        Ok(Self { key, issuer: issuer.to_owned(), audience: audience.to_owned() })
    }

    /// A token named `token_id`, good from `now` on.
    pub fn sign(&self, subject: Subject, token_id: Uuid, now: Timestamp) -> Result<String, SigningError> {
        let in_seconds = |time: Timestamp| time.as_millis().div_euclid(1000);
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: subject.user,
            sid: subject.session,
            roles: subject.roles,
            iat: in_seconds(now),
            exp: in_seconds(now + ACCESS_TOKEN_LIFETIME),
            jti: token_id,
        };
        let key = self.key.current(now);
        let mut header = Header::new(ALGORITHM);
        header.typ = Some(TOKEN_TYPE.to_owned());
        header.kid = Some(key.id.clone());
        Ok(encode(&header, &claims, &key.private)?)
    }
}
