//! Another key takes over, and no token is refused meanwhile: the new public half is published first, and signed with
//! once everybody has read it; the old one stays until its last token has expired by itself.
//!
//! Whatever step a rotation was cut off after, the next one goes on from there.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::time::Duration;

use contracts::Timestamp;
use runtime::Runtime;
use service::caller::ACCESS_TOKEN_LIFETIME;

use super::make::{new_key, write_new};
use super::set::KeySet;
use super::{JWKS_FILE, KeyPair, KeysError, SIGNING_KEY_FILE};

/// The private key that is published and does not sign yet.
pub const NEXT_KEY_FILE: &str = "next-signing-key.pem";
/// Every service looks at the public keys once a second; the rest is for a machine that is busy.
pub const PUBLISHED_FOR: Duration = Duration::from_secs(3);
/// A replica of auth signs with the old key for a second more, by a clock that may be ahead.
const SPARE: Duration = Duration::from_secs(60);

/// One of the published keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub id: String,
    pub standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Signs,
    /// Published, and about to sign.
    Next,
    /// Signs no more. Its tokens are good, the last of them until then.
    Until(Timestamp),
    /// Signs no more, since nobody knows when.
    Old,
}

/// Makes a new key the one that signs, and returns its id. `published_for` passes between the two.
pub async fn rotate(
    directory: &Path,
    published_for: Duration,
    runtime: &Runtime,
) -> Result<String, KeysError> {
    let _alone = alone(directory)?;
    withdraw(directory, runtime.now(), false)?;
    let next = publish_next(directory)?;
    runtime.sleep(published_for).await;
    let (next_key, key) = (directory.join(NEXT_KEY_FILE), directory.join(SIGNING_KEY_FILE));
    fs::rename(&next_key, &key).map_err(|source| KeysError::Unwritable { path: key, source })?;
    withdraw(directory, runtime.now(), false)?;
    Ok(next)
}

/// Withdraws the keys that no good token is signed with any more; `at_once` all but the one that signs, and whoever
/// holds a token of theirs has to come back with the refresh token. Returns the ids of those that are gone.
pub fn retire(directory: &Path, now: Timestamp, at_once: bool) -> Result<Vec<String>, KeysError> {
    let _alone = alone(directory)?;
    withdraw(directory, now, at_once)
}

/// The published keys, in their order.
pub fn list(directory: &Path) -> Result<Vec<Listed>, KeysError> {
    let (signing, next) = in_use(directory)?;
    let listed = KeySet::read(&directory.join(JWKS_FILE))?.ours().into_iter().map(|(id, until)| {
        let standing = match until {
            _ if id == signing => Standing::Signs,
            _ if Some(&id) == next.as_ref() => Standing::Next,
            Some(until) => Standing::Until(until),
            None => Standing::Old,
        };
        Listed { id, standing }
    });
    Ok(listed.collect())
}

/// The private half first: a public half without one would be of no use to anybody.
fn publish_next(directory: &Path) -> Result<String, KeysError> {
    let path = directory.join(NEXT_KEY_FILE);
    if !path.exists() {
        write_new(&path, 0o600, new_key()?.as_bytes())?;
    }
    let next = KeyPair::read(&path)?;
    let mut set = KeySet::read(&directory.join(JWKS_FILE))?;
    if !set.holds(&next.id) {
        set.add(&next.public)?;
        set.write()?;
    }
    Ok(next.id)
}

/// Notes until when the keys that sign no more are needed, and removes those that are not.
fn withdraw(directory: &Path, now: Timestamp, at_once: bool) -> Result<Vec<String>, KeysError> {
    let (signing, next) = in_use(directory)?;
    let mut set = KeySet::read(&directory.join(JWKS_FILE))?;
    let mut withdrawn = Vec::new();
    let mut has_changed = false;
    for (id, until) in set.ours() {
        if id == signing || Some(&id) == next.as_ref() {
            continue;
        }
        has_changed |= until.is_none();
        if at_once || until.is_some_and(|until| until <= now) {
            set.remove(&id);
            withdrawn.push(id);
        } else if until.is_none() {
            set.is_needed_until(&id, now + ACCESS_TOKEN_LIFETIME + SPARE);
        }
    }
    if has_changed || !withdrawn.is_empty() {
        set.write()?;
    }
    Ok(withdrawn)
}

/// The ids of the key that signs and of the one that is about to.
fn in_use(directory: &Path) -> Result<(String, Option<String>), KeysError> {
    let signing = KeyPair::read(&directory.join(SIGNING_KEY_FILE))?.id;
    let next = directory.join(NEXT_KEY_FILE);
    let next = if next.exists() { Some(KeyPair::read(&next)?.id) } else { None };
    Ok((signing, next))
}

/// One process at a time, until this is dropped or the process dies.
fn alone(directory: &Path) -> Result<File, KeysError> {
    let unreadable = |source| super::unreadable(directory, source);
    let folder = File::open(directory).map_err(unreadable)?;
    match folder.try_lock() {
        Ok(()) => Ok(folder),
        Err(TryLockError::WouldBlock) => Err(KeysError::InRotation { directory: directory.to_owned() }),
        Err(TryLockError::Error(source)) => Err(unreadable(source)),
    }
}
