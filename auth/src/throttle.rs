//! How often a password may be tried: by one address on one account, and on one account by addresses that its owner
//! never came from.
//!
//! The owner of an account is not locked out by whoever tries to get into it: where they have signed in from before,
//! the limit on their account does not count. How often one address may try at all the edge counts.

use std::net::IpAddr;
use std::time::Duration;

use limits::{Limiter, Rate, Take, TooMany, network};
use sha2::{Digest as _, Sha256};

#[cfg(test)]
mod tests;

/// So long an address is known after somebody signed in from it.
const KNOWN_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInLimits {
    /// On one account from one address. Who gets in has them all back.
    pub per_account_and_address: Rate,
    /// On one account from all addresses together that nobody signed in to it from before.
    pub per_account: Rate,
}

/// Asked before a password is looked at.
#[derive(Clone)]
pub struct Throttle {
    limiter: Limiter,
    limits: SignInLimits,
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self { per_account_and_address: Rate::a_minute(10), per_account: Rate::a_minute(30) }
    }
}

impl SignInLimits {
    /// For whoever has others to keep the crowd out.
    pub const NONE: Self = Self { per_account_and_address: Rate::NONE, per_account: Rate::NONE };
}

impl Throttle {
    pub fn new(limiter: Limiter, limits: SignInLimits) -> Self {
        Self { limiter, limits }
    }

    /// Somebody at this address tries a password for this account, which need not be there.
    pub async fn sign_in(&self, address: Option<IpAddr>, account: &str) -> Result<(), TooMany> {
        let Keys { pair, account, known } = Keys::of(address, account);
        let SignInLimits { per_account_and_address, per_account } = self.limits;
        let on_account = Take { unless: Some(known), ..Take::new(account, per_account) };
        let taken = self.limiter.take(&[Take::new(pair, per_account_and_address), on_account]).await;
        taken.inspect_err(|_| metrics::counter!("sign_ins_throttled_total").increment(1))
    }

    /// The password was right.
    pub async fn signed_in(&self, address: Option<IpAddr>, account: &str) {
        let Keys { pair, known, .. } = Keys::of(address, account);
        self.limiter.let_off(&pair, &known, KNOWN_FOR).await;
    }
}

/// The braces keep the keys together where Redis is a cluster: what is taken together has to lie together.
const PREFIX: &str = "limits:{auth}:sign-in:";

struct Keys {
    pair: String,
    account: String,
    known: String,
}

impl Keys {
    /// Accounts by the hash of their address, so that no list of them lies about.
    fn of(address: Option<IpAddr>, account: &str) -> Self {
        let digest = Sha256::digest(account.trim().to_lowercase().as_bytes());
        let account: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let network = network(address);
        Self {
            pair: format!("{PREFIX}both:{account}:{network}"),
            known: format!("{PREFIX}known:{account}:{network}"),
            account: format!("{PREFIX}account:{account}"),
        }
    }
}
