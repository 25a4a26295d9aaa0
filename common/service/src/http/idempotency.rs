//! The caller's own name for what it wants done once.

use axum::extract::FromRequestParts;
use axum::http::HeaderName;
use axum::http::request::Parts;
use contracts::UserId;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::problem::{Problem, VALIDATION};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const MAX_CHARACTERS: usize = 255;

/// The namespace of all ids that come from keys. It never changes: the same key has to give the same id for ever.
const NAMESPACE: Uuid = Uuid::from_u128(0x7b1c_52f6_0a3e_4f0d_9d5e_2c64_8e17_3ab9);

/// The `Idempotency-Key` of the request, if it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency(pub Option<IdempotencyKey>);

/// Up to 255 visible characters, the caller's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of what `user` asks for at `route` under this key: the same each time, and nobody else's.
    pub fn id(&self, user: UserId, route: &str) -> Uuid {
        // The key comes last, since it alone may contain anything.
        Uuid::new_v5(&NAMESPACE, format!("{user}\n{route}\n{}", self.0).as_bytes())
    }
}

/// The SHA-256 of a body in hexadecimal: whether it is the same request again.
pub fn body_hash(body: &impl Serialize) -> String {
    // A body that cannot be written as JSON was not read from JSON; then all that is known of it is why.
    let bytes = serde_json::to_vec(body).unwrap_or_else(|error| error.to_string().into_bytes());
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl<S: Send + Sync> FromRequestParts<S> for Idempotency {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let Some(value) = parts.headers.get(IDEMPOTENCY_KEY) else {
            return Ok(Self(None));
        };
        let key = std::str::from_utf8(value.as_bytes()).ok().map(str::trim);
        match key.filter(|key| is_key(key)) {
            Some(key) => Ok(Self(Some(IdempotencyKey(key.to_owned())))),
            None => {
                Err(Problem::new(VALIDATION).detail("Idempotency-Key has to be 1 to 255 visible characters."))
            }
        }
    }
}

fn is_key(text: &str) -> bool {
    (1..=MAX_CHARACTERS).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}
