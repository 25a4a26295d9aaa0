//! Passwords: Argon2id, off the async threads, and no more of it at once than there are cores.

mod workers;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use ::passwords::analyzer::is_common_password;
use argon2::password_hash::{self, PasswordHasher as _, PasswordVerifier as _, phc};
use argon2::{Algorithm, Argon2, Params, PasswordHash, Version};
use runtime::Runtime;
use tokio::sync::Semaphore;

use self::workers::Workers;

#[cfg(test)]
mod tests;

/// Memory in KiB, passes and lanes, as OWASP recommends them.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// Whoever waits longer for a turn is told to come back.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
const LENGTH: std::ops::RangeInclusive<usize> = 8..=256;

/// Of the same cost as every hash, and of no password: what an unknown address is compared with.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c3RhZ2Vkb29yLW5vYm9keQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What a person typed. Never shown, hence no `Debug`.
#[derive(Clone)]
pub struct Password(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    #[error("has to be {} to {} characters", LENGTH.start(), LENGTH.end())]
    Length,
    /// Among the hundred thousand that break-ins brought to light most often, whatever its capitals.
    #[error("is one of those that are guessed first: choose another")]
    Common,
}

#[derive(Debug, thiserror::Error)]
pub enum PasswordsError {
    /// Too many are at it already.
    #[error("too many passwords are being looked at")]
    Busy,
    #[error("the work on a password was lost")]
    Lost,
    #[error("a hash cannot be made: {0}")]
    Hash(#[from] password_hash::Error),
    #[error("a hash cannot be read: {0}")]
    Unreadable(#[from] phc::Error),
    #[error("the cost of a hash is not possible: {0}")]
    Cost(#[from] argon2::Error),
}

/// Makes hashes, and compares with them. Clones share one limit.
#[derive(Clone)]
pub(crate) struct Passwords {
    runtime: Runtime,
    turns: Arc<Semaphore>,
    workers: Workers,
}

impl Passwords {
    pub(crate) fn new(runtime: Runtime, at_once: usize) -> Self {
        let at_once = at_once.max(1);
        Self { runtime, turns: Arc::new(Semaphore::new(at_once)), workers: Workers::start(at_once) }
    }

    /// In PHC form, with a salt of its own.
    pub(crate) async fn hash(&self, password: Password) -> Result<String, PasswordsError> {
        self.in_turn(move || Ok(argon2()?.hash_password(password.0.as_bytes())?.to_string())).await
    }

    /// Whether `hash` is of this password. Takes as long where there is no hash, and says no.
    pub(crate) async fn is_of(
        &self,
        hash: Option<String>,
        password: Password,
    ) -> Result<bool, PasswordsError> {
        self.in_turn(move || {
            let compared = PasswordHash::new(hash.as_deref().unwrap_or(NOBODYS))?;
            match argon2()?.verify_password(password.0.as_bytes(), &compared) {
                Ok(()) => Ok(hash.is_some()),
                Err(password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(error.into()),
            }
        })
        .await
    }

    /// The work keeps its turn to its end, also when nobody waits for it any more.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordsError> + Send + 'static,
    ) -> Result<T, PasswordsError> {
        let turn = self.runtime.timeout(LONGEST_WAIT, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.map_err(|_| PasswordsError::Busy)?.map_err(|_| PasswordsError::Lost)?;
        let worked = self.workers.run(move || {
            let _turn = turn;
            work()
        });
        worked.await.map_err(|workers::Lost| PasswordsError::Lost)?
    }
}

fn argon2() -> Result<Argon2<'static>, argon2::Error> {
    let (memory_kib, passes, lanes) = COST;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(memory_kib, passes, lanes, None)?))
}

impl Password {
    /// To compare with: a password of any length may turn out to be wrong.
    pub fn typed(text: String) -> Self {
        Self(text)
    }
}

impl FromStr for Password {
    type Err = PasswordFault;

    /// To sign in with from now on: taken as it is, space and all.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !LENGTH.contains(&text.chars().count()) {
            return Err(PasswordFault::Length);
        }
        let is_common = is_common_password(text) || is_common_password(text.to_lowercase());
        if is_common { Err(PasswordFault::Common) } else { Ok(Self(text.to_owned())) }
    }
}
