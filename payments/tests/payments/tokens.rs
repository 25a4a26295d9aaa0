//! Signs tokens, as auth does.

use std::path::PathBuf;

use contracts::users::Role;
use contracts::{SessionId, Timestamp, UserId};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{EncodingKey, Header};
use service::caller::{ALGORITHM, Claims, TOKEN_TYPE};
use uuid::Uuid;

pub(crate) struct Issuer {
    folder: tempfile::TempDir,
}

impl Issuer {
    pub(crate) fn new() -> Self {
        let issuer = Self { folder: tempfile::tempdir().unwrap() };
        let mut key = Jwk::from_encoding_key(&private_key(), ALGORITHM).unwrap();
        key.common.key_id = Some("first".to_owned());
        let set = serde_json::to_vec(&JwkSet { keys: vec![key] }).unwrap();
        std::fs::write(issuer.jwks_file(), set).unwrap();
        issuer
    }

    pub(crate) fn jwks_file(&self) -> PathBuf {
        self.folder.path().join("keys.json")
    }

    pub(crate) fn token(&self, user: UserId, roles: &[Role], now: Timestamp) -> String {
        let iat = now.as_millis() / 1000;
        let claims = Claims {
            iss: "stagedoor".to_owned(),
            aud: "stagedoor".to_owned(),
            sub: user,
            sid: SessionId(Uuid::from_u128(2)),
            roles: roles.to_vec(),
            iat,
            exp: iat + 900,
            jti: Uuid::from_u128(3),
        };
        let mut header = Header::new(ALGORITHM);
        header.typ = Some(TOKEN_TYPE.to_owned());
        header.kid = Some("first".to_owned());
        jsonwebtoken::encode(&header, &claims, &private_key()).unwrap()
    }
}

/// An Ed25519 key in PKCS #8: the fixed head of that form, then the seed.
fn private_key() -> EncodingKey {
    let head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    EncodingKey::from_ed_der(&[&head[..], &[1; 32]].concat())
}
