//! The public keys, from a file that is read again when it changes, so that keys rotate without a restart.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use contracts::Timestamp;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet};

/// How often the file is looked at, at most.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The keys could not be read.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error("the keys in {} cannot be read", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} is not a set of JSON web keys", path.display())]
    Malformed { path: PathBuf, source: serde_json::Error },
    #[error("{} has no Ed25519 key with an id", path.display())]
    Empty { path: PathBuf },
}

/// The keys of a JWKS file. When a changed file cannot be read the keys stay as they were.
pub(super) struct KeyFile {
    path: PathBuf,
    state: RwLock<State>,
}

struct State {
    keys: BTreeMap<String, Arc<DecodingKey>>,
    stamp: Stamp,
    looked_at: Timestamp,
}

/// Tells one content of the file from another. A mounted file is replaced rather than written, hence the inode.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl KeyFile {
    pub(super) fn open(path: &Path, now: Timestamp) -> Result<Self, KeysError> {
        let stamp = Stamp::of(path)?;
        let state = State { keys: read(path)?, stamp, looked_at: now };
        Ok(Self { path: path.to_owned(), state: RwLock::new(state) })
    }

    /// The key named `key_id`, from the file as it was a second ago at most.
    pub(super) fn find(&self, key_id: &str, now: Timestamp) -> Option<Arc<DecodingKey>> {
        {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            if !state.is_due(now) {
                return state.keys.get(key_id).cloned();
            }
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.is_due(now) {
            state.looked_at = now;
            self.look_again(&mut state);
        }
        state.keys.get(key_id).cloned()
    }

    /// Blocks for the time of a look at a small local file, once a second.
    fn look_again(&self, state: &mut State) {
        // The stamp first: what is written after it is seen the next time.
        let read_anew = Stamp::of(&self.path).and_then(|stamp| {
            let changed = stamp != state.stamp;
            state.stamp = stamp;
            if changed { read(&self.path).map(Some) } else { Ok(None) }
        });
        match read_anew {
            Ok(None) => {}
            Ok(Some(keys)) => {
                tracing::info!(keys = keys.len(), "the public keys were read again");
                state.keys = keys;
            }
            Err(error) => tracing::warn!(%error, "the public keys stay as they were"),
        }
    }
}

impl State {
    /// A clock that was set back must not keep the file from being looked at.
    fn is_due(&self, now: Timestamp) -> bool {
        now < self.looked_at || now.since(self.looked_at) >= LOOK_EVERY
    }
}

impl Stamp {
    fn of(path: &Path) -> Result<Self, KeysError> {
        let metadata = fs::metadata(path).map_err(|source| unreadable(path, source))?;
        let modified = (metadata.mtime(), metadata.mtime_nsec());
        Ok(Self { inode: metadata.ino(), length: metadata.len(), modified })
    }
}

fn read(path: &Path) -> Result<BTreeMap<String, Arc<DecodingKey>>, KeysError> {
    let text = fs::read(path).map_err(|source| unreadable(path, source))?;
    let set: JwkSet = serde_json::from_slice(&text)
        .map_err(|source| KeysError::Malformed { path: path.to_owned(), source })?;
    let keys: BTreeMap<_, _> = set.keys.iter().filter_map(ed25519).collect();
    if keys.is_empty() { Err(KeysError::Empty { path: path.to_owned() }) } else { Ok(keys) }
}

/// Keys of other kinds may be in the set for others.
fn ed25519(key: &Jwk) -> Option<(String, Arc<DecodingKey>)> {
    let AlgorithmParameters::OctetKeyPair(parameters) = &key.algorithm else {
        return None;
    };
    if !matches!(parameters.curve, EllipticCurve::Ed25519) {
        return None;
    }
    let key_id = key.common.key_id.clone()?;
    Some((key_id, Arc::new(DecodingKey::from_jwk(key).ok()?)))
}

fn unreadable(path: &Path, source: io::Error) -> KeysError {
    KeysError::Unreadable { path: path.to_owned(), source }
}
