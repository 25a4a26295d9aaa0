//! Secrets from the system's random numbers. Whoever is given one keeps it; here only its hash is kept.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contracts::SessionId;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rand::TryRng as _;
use rand::rngs::{SysError, SysRng};
use sha2::{Digest as _, Sha256};

/// How long a session can be carried on without being used.
pub const REFRESH_TOKEN_LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Of a secret, in bytes.
const LENGTH: usize = 32;

/// The system has no random numbers to give.
#[derive(Debug, thiserror::Error)]
#[error("no random numbers: {0}")]
pub struct SecretsError(#[from] SysError);

/// 256 random bits.
pub(crate) fn secret() -> Result<[u8; LENGTH], SecretsError> {
    let mut bytes = [0; LENGTH];
    SysRng.try_fill_bytes(&mut bytes)?;
    Ok(bytes)
}

/// What a session is carried on with: `<session>.<secret>.<seal>`. Never shown, hence no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    session: SessionId,
    secret: [u8; LENGTH],
    /// Proves that the session gave it out, however long ago: who only knows a session's id cannot make one up.
    seal: [u8; LENGTH],
}

/// Random bits that are kept beside a session.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Salt([u8; LENGTH]);

impl RefreshToken {
    /// The first one of a session, all of whose tokens `sealing` seals.
    pub(crate) fn first(session: SessionId, sealing: &Salt) -> Result<Self, SecretsError> {
        Ok(Self::sealed(session, secret()?, sealing))
    }

    /// As a caller brought it; nothing, where it cannot be one of ours.
    pub(crate) fn brought(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let session = parts.next()?.parse().ok()?;
        let (secret, seal) = (bytes(parts.next()?)?, bytes(parts.next()?)?);
        parts.next().is_none().then_some(Self { session, secret, seal })
    }

    /// The one that replaces this. The same each time from the same salt, so that whoever comes with this one again
    /// can be given it again, though only hashes are kept. The salt is new at each replacement: who knows an older
    /// token and what is kept cannot work out the present one.
    pub(crate) fn successor(&self, salt: &Salt, sealing: &Salt) -> Self {
        Self::sealed(self.session, salt.mac(&self.secret).finalize().into_bytes().into(), sealing)
    }

    pub(crate) fn is_sealed_by(&self, sealing: &Salt) -> bool {
        sealing.mac(&self.secret).verify_slice(&self.seal).is_ok()
    }

    pub(crate) fn session(&self) -> SessionId {
        self.session
    }

    pub(crate) fn text(&self) -> String {
        let [secret, seal] = [self.secret, self.seal].map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        format!("{}.{secret}.{seal}", self.session)
    }

    /// SHA-256 in hexadecimal. The token is random enough that nothing slower would add to it.
    pub(crate) fn hash(&self) -> String {
        Sha256::digest(self.text()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn sealed(session: SessionId, secret: [u8; LENGTH], sealing: &Salt) -> Self {
        Self { session, secret, seal: sealing.mac(&secret).finalize().into_bytes().into() }
    }
}

impl Salt {
    pub(crate) fn make() -> Result<Self, SecretsError> {
        secret().map(Self)
    }

    /// As it was kept.
    pub(crate) fn kept(text: &str) -> Option<Self> {
        bytes(text).map(Self)
    }

    pub(crate) fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// HMAC fills shorter keys up with zeros itself; of this length they cannot be wrong.
    fn mac(&self, message: &[u8]) -> Hmac<Sha256> {
        let mut key = [0; 64];
        key[..LENGTH].copy_from_slice(&self.0);
        Hmac::<Sha256>::new(&key.into()).chain_update(message)
    }
}

fn bytes(text: &str) -> Option<[u8; LENGTH]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests;
