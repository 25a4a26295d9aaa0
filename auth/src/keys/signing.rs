//! The key that signs, from a file that is read again when it changes, so that keys rotate without a restart.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use contracts::Timestamp;

use super::{KeyPair, KeysError, check_published, unreadable};

/// How often the file is looked at, at most.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// When a changed file holds no key that is published, the key stays as it was.
pub(crate) struct SigningKey {
    key: PathBuf,
    jwks: PathBuf,
    state: RwLock<State>,
}

struct State {
    pair: Arc<KeyPair>,
    stamp: Stamp,
    /// None yet since the start.
    looked_at: Option<Timestamp>,
}

/// Tells one content of the file from another. It is replaced rather than written, hence the inode.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    modified: (i64, i64),
}

impl SigningKey {
    /// Refuses a key whose public half is not in the JWKS file.
    pub(crate) fn open(key: &Path, jwks: &Path) -> Result<Self, KeysError> {
        let stamp = Stamp::of(key)?;
        let state = State { pair: Arc::new(published(key, jwks)?), stamp, looked_at: None };
        Ok(Self { key: key.to_owned(), jwks: jwks.to_owned(), state: RwLock::new(state) })
    }

    /// As the file was a second ago at most.
    pub(crate) fn current(&self, now: Timestamp) -> Arc<KeyPair> {
        {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            if !state.is_due(now) {
                return Arc::clone(&state.pair);
            }
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.is_due(now) {
            state.looked_at = Some(now);
            self.look_again(&mut state);
        }
        Arc::clone(&state.pair)
    }

    /// Blocks for the time of a look at a small local file, once a second.
    fn look_again(&self, state: &mut State) {
        // The stamp first: what is written after it is seen the next time.
        let read_anew = Stamp::of(&self.key).and_then(|stamp| {
            let changed = stamp != state.stamp;
            if changed { published(&self.key, &self.jwks).map(|pair| Some((pair, stamp))) } else { Ok(None) }
        });
        match read_anew {
            Ok(None) => {}
            Ok(Some((pair, stamp))) => {
                tracing::info!(key.id = pair.id, "another key signs");
                *state = State { pair: Arc::new(pair), stamp, looked_at: state.looked_at };
            }
            Err(error) => tracing::warn!(%error, "the key that signs stays as it was"),
        }
    }
}

impl State {
    /// A clock that was set back must not keep the file from being looked at.
    fn is_due(&self, now: Timestamp) -> bool {
        self.looked_at.is_none_or(|looked_at| now < looked_at || now.since(looked_at) >= LOOK_EVERY)
    }
}

impl Stamp {
    fn of(path: &Path) -> Result<Self, KeysError> {
        let metadata = fs::metadata(path).map_err(|source| unreadable(path, source))?;
        Ok(Self { inode: metadata.ino(), modified: (metadata.mtime(), metadata.mtime_nsec()) })
    }
}

fn published(key: &Path, jwks: &Path) -> Result<KeyPair, KeysError> {
    let pair = KeyPair::read(key)?;
    check_published(&pair, key, jwks)?;
    Ok(pair)
}
