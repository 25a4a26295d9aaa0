//! Judges access tokens: by the public keys, by what they say, by the clock, and by what was revoked.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use contracts::Timestamp;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode};
use runtime::Runtime;
use serde::Deserialize;

use super::keys::{KeyFile, KeysError};
use super::token::{self, TokenFault, access_token_cookie};
use super::{ALGORITHM, Claims};
use crate::config::{Common, PublicOrigin};

/// How far the clock of the issuer may be ahead. For the end of a token there is no such leeway.
const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// Knows which tokens are not good any more though they have not expired.
pub trait Revocations: Send + Sync + 'static {
    fn refuses(&self, claims: &Claims) -> bool;

    /// Whether it may have missed too much for anybody to change anything.
    fn is_cut_off(&self, now: Timestamp) -> bool;
}

/// Refuses nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRevocations;

impl Revocations for NoRevocations {
    fn refuses(&self, _: &Claims) -> bool {
        false
    }

    fn is_cut_off(&self, _: Timestamp) -> bool {
        false
    }
}

/// All that a token says that has to be heeded.
#[derive(Deserialize)]
struct Said {
    #[serde(flatten)]
    claims: Claims,
    /// From when on it is good, in seconds since 1970. Ours do not say it.
    nbf: Option<i64>,
}

/// Tells who is calling.
pub struct Verifier {
    keys: KeyFile,
    validation: Validation,
    cookie_name: &'static str,
    runtime: Runtime,
    revocations: Arc<dyn Revocations>,
}

impl Verifier {
    /// Reads the keys of `jwks_file`. Tokens have to be made by `issuer`, for `audience`.
    pub fn open(
        jwks_file: &Path,
        issuer: &str,
        audience: &str,
        public_origin: &PublicOrigin,
        runtime: Runtime,
    ) -> Result<Self, KeysError> {
        let mut validation = Validation::new(ALGORITHM);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The library looks at the system's clock; ours is handed in.
        validation.validate_exp = false;
        Ok(Self {
            keys: KeyFile::open(jwks_file, runtime.now())?,
            validation,
            cookie_name: access_token_cookie(public_origin.is_secure()),
            runtime,
            revocations: Arc::new(NoRevocations),
        })
    }

    /// As the environment says.
    pub fn from_config(common: &Common, runtime: Runtime) -> Result<Self, KeysError> {
        Self::open(&common.jwks_file, &common.issuer, &common.audience, &common.public_origin, runtime)
    }

    /// Asks `revocations` too.
    #[must_use]
    pub fn with_revocations(mut self, revocations: Arc<dyn Revocations>) -> Self {
        self.revocations = revocations;
        self
    }

    /// The token that a request carries, good or not.
    pub fn token_in(&self, headers: &HeaderMap) -> Result<Option<String>, TokenFault> {
        token::token_in(headers, self.cookie_name)
    }

    /// Whether nothing may be changed, since nobody knows who must not.
    pub fn is_cut_off(&self) -> bool {
        self.revocations.is_cut_off(self.runtime.now())
    }

    /// What `token` says, if it is good.
    pub fn verify(&self, token: &str) -> Result<Claims, TokenFault> {
        let now = self.runtime.now();
        let key = self.keys.find(&token::key_id(token)?, now).ok_or(TokenFault::UnknownKey)?;
        let Said { claims, nbf } =
            decode(token, &key, &self.validation).map_err(|error| fault(error.kind()))?.claims;
        if claims.expires_at() <= now {
            return Err(TokenFault::Expired);
        }
        let from = nbf.map_or(claims.issued_at(), |nbf| claims.issued_at().max(seconds(nbf)));
        if from > now + CLOCK_SKEW {
            return Err(TokenFault::FromTheFuture);
        }
        if self.revocations.refuses(&claims) {
            return Err(TokenFault::Revoked);
        }
        Ok(claims)
    }
}

fn seconds(since_1970: i64) -> Timestamp {
    Timestamp::from_millis(since_1970.saturating_mul(1000))
}

fn fault(error: &ErrorKind) -> TokenFault {
    match error {
        ErrorKind::InvalidSignature => TokenFault::WrongSignature,
        ErrorKind::InvalidAlgorithm => TokenFault::WrongAlgorithm,
        ErrorKind::InvalidIssuer => TokenFault::WrongIssuer,
        ErrorKind::InvalidAudience => TokenFault::WrongAudience,
        // The library's list of faults may grow; what it cannot take for a token of ours is malformed.
        _ => TokenFault::Malformed,
    }
}
