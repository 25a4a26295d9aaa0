//! The JWKS file as rotation sees it: which keys it holds, and until when those that sign no more are needed.

use std::fs;
use std::path::{Path, PathBuf};

use contracts::Timestamp;
use jsonwebtoken::jwk::Jwk;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::KeysError;
use super::make::replace;

pub(super) struct KeySet {
    path: PathBuf,
    set: Set,
}

/// Written as it was read, with whatever others keep in it.
#[derive(Serialize, Deserialize)]
struct Set {
    keys: Vec<Value>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl KeySet {
    pub(super) fn read(path: &Path) -> Result<Self, KeysError> {
        let text = fs::read(path).map_err(|source| super::unreadable(path, source))?;
        let set = serde_json::from_slice(&text).map_err(|source| not_a_set(path, source))?;
        Ok(Self { path: path.to_owned(), set })
    }

    /// In one step, so that nobody reads half of it.
    pub(super) fn write(&self) -> Result<(), KeysError> {
        let text = serde_json::to_string_pretty(&self.set).map_err(|source| not_a_set(&self.path, source))?;
        replace(&self.path, 0o644, text.as_bytes())
    }

    pub(super) fn add(&mut self, key: &Jwk) -> Result<(), KeysError> {
        self.set.keys.push(serde_json::to_value(key).map_err(|source| not_a_set(&self.path, source))?);
        Ok(())
    }

    pub(super) fn holds(&self, id: &str) -> bool {
        self.set.keys.iter().any(|key| key["kid"] == id)
    }

    /// The keys of our kind, and from when on none of its tokens is good any more, where that is known.
    pub(super) fn ours(&self) -> Vec<(String, Option<Timestamp>)> {
        let ours = self.set.keys.iter().filter(|key| key["kty"] == "OKP" && key["crv"] == "Ed25519");
        let named = ours.filter_map(|key| {
            let until =
                key["exp"].as_i64().map(|seconds| Timestamp::from_millis(seconds.saturating_mul(1000)));
            Some((key["kid"].as_str()?.to_owned(), until))
        });
        named.collect()
    }

    /// Keeps in mind until when a key is needed: `exp`, as OpenID Federation has it in its sets of old keys.
    pub(super) fn is_needed_until(&mut self, id: &str, until: Timestamp) {
        for key in self.set.keys.iter_mut().filter(|key| key["kid"] == id) {
            key["exp"] = json!(until.as_millis().div_euclid(1000));
        }
    }

    pub(super) fn remove(&mut self, id: &str) {
        self.set.keys.retain(|key| key["kid"] != id);
    }
}

fn not_a_set(path: &Path, source: serde_json::Error) -> KeysError {
    KeysError::NotASet { path: path.to_owned(), source }
}
