//! Secrets from the system's random numbers. Whoever is given one keeps it; here only its hash is kept.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRng as _;
use rand::rngs::{SysError, SysRng};
use sha2::{Digest as _, Sha256};

/// How long a session can be carried on without being used.
pub const REFRESH_TOKEN_LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The system has no random numbers to give.
#[derive(Debug, thiserror::Error)]
#[error("no random numbers: {0}")]
pub struct SecretsError(#[from] SysError);

/// 256 random bits.
pub(crate) fn secret() -> Result<[u8; 32], SecretsError> {
    let mut bytes = [0; 32];
    SysRng.try_fill_bytes(&mut bytes)?;
    Ok(bytes)
}

/// What a session is carried on with. Never shown, hence no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RefreshToken(String);

impl RefreshToken {
    pub(crate) fn make() -> Result<Self, SecretsError> {
        Ok(Self(URL_SAFE_NO_PAD.encode(secret()?)))
    }

    /// As a caller brought it.
    pub(crate) fn brought(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// SHA-256 in hexadecimal. The token is random enough that nothing slower would add to it.
    pub(crate) fn hash(&self) -> String {
        Sha256::digest(self.0.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::RefreshToken;

    #[test]
    fn a_refresh_token_has_256_bits_that_no_other_has() {
        let (one, other) = (RefreshToken::make().unwrap(), RefreshToken::make().unwrap());
        assert_eq!(one.as_str().len(), 43);
        assert_ne!(one.as_str(), other.as_str());
        assert_ne!(one.hash(), other.hash());
    }

    #[test]
    fn what_is_brought_back_has_the_same_hash() {
        let made = RefreshToken::make().unwrap();
        assert_eq!(RefreshToken::brought(made.as_str()).hash(), made.hash());
    }
}
