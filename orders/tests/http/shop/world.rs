//! The clock, and the issuer of tokens.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use contracts::{SessionId, Timestamp};
use futures::future::BoxFuture;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{EncodingKey, Header};
use runtime::{Clock, SystemClock};
use service::caller::{ALGORITHM, Claims, TOKEN_TYPE};
use uuid::Uuid;

use super::Person;

/// Goes as the real one does, and may be set forward.
#[derive(Default)]
pub(crate) struct MovedClock(AtomicI64);

impl MovedClock {
    pub(crate) fn advance(&self, duration: Duration) {
        self.0.fetch_add(i64::try_from(duration.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(SystemClock.now().as_millis() + self.0.load(Ordering::SeqCst))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        SystemClock.sleep(duration)
    }
}

/// Signs tokens, as auth does.
pub(super) struct Issuer {
    folder: tempfile::TempDir,
}

impl Issuer {
    pub(super) fn new() -> Self {
        let issuer = Self { folder: tempfile::tempdir().unwrap() };
        let mut key = Jwk::from_encoding_key(&private_key(), ALGORITHM).unwrap();
        key.common.key_id = Some("first".to_owned());
        std::fs::write(issuer.jwks_file(), serde_json::to_vec(&JwkSet { keys: vec![key] }).unwrap()).unwrap();
        issuer
    }

    pub(super) fn jwks_file(&self) -> PathBuf {
        self.folder.path().join("keys.json")
    }

    pub(super) fn token(&self, person: Person, now: Timestamp) -> String {
        let mut header = Header::new(ALGORITHM);
        header.typ = Some(TOKEN_TYPE.to_owned());
        header.kid = Some("first".to_owned());
        let claims = Claims {
            iss: "stagedoor".to_owned(),
            aud: "stagedoor".to_owned(),
            sub: person.id,
            sid: SessionId(Uuid::from_u128(2)),
            roles: vec![person.role],
            iat: now.as_millis() / 1000,
            exp: now.as_millis() / 1000 + 900,
            jti: Uuid::from_u128(3),
        };
        jsonwebtoken::encode(&header, &claims, &private_key()).unwrap()
    }
}

/// An Ed25519 key in PKCS #8: the fixed head of that form, then the seed.
fn private_key() -> EncodingKey {
    let head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    EncodingKey::from_ed_der(&[&head[..], &[1; 32]].concat())
}
