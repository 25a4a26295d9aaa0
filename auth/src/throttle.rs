//! How often may be tried to get in: by one address, by one address on one account, and on one account by addresses that
//! its owner never came from.
//!
//! The owner of an account is not locked out by whoever tries to get into it: where they have signed in from before,
//! the limit on their account does not count. The limits are shared by all replicas; where that is not possible for
//! the moment each replica has limits of its own, and stricter ones.

mod limits;
mod memory;
mod redis;

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use runtime::Runtime;
use sha2::{Digest as _, Sha256};

pub use self::redis::RedisLimits;
pub use limits::{Limits, LimitsError, Rate, Take};
pub use memory::MemoryLimits;

#[cfg(test)]
mod tests;

const MINUTE: Duration = Duration::from_secs(60);
/// So long an address is known after somebody signed in from it.
const KNOWN_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// A replica alone permits this part of what all may permit together.
const SHARE: u32 = 4;

/// How often, in a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInLimits {
    /// From one address: sign-ins, and as many sign-ups, and as many refreshes.
    pub per_address: u32,
    /// On one account from one address. Who gets in has them all back.
    pub per_account_and_address: u32,
    /// On one account from all addresses together that nobody signed in to it from before.
    pub per_account: u32,
}

/// Try again after so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany(pub Duration);

/// What one does to get in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    SignUp,
    SignIn,
    Refresh,
}

/// Asked before anybody is let in.
#[derive(Clone)]
pub struct Throttle {
    shared: Arc<dyn Limits>,
    own: Arc<MemoryLimits>,
    limits: SignInLimits,
    is_shared: Arc<AtomicBool>,
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self { per_address: 60, per_account_and_address: 10, per_account: 30 }
    }
}

impl SignInLimits {
    /// For whoever has others to keep the crowd out.
    pub const NONE: Self =
        Self { per_address: u32::MAX, per_account_and_address: u32::MAX, per_account: u32::MAX };
}

impl Throttle {
    pub fn new(shared: Arc<dyn Limits>, limits: SignInLimits, runtime: Runtime) -> Self {
        let own = Arc::new(MemoryLimits::new(runtime));
        Self { shared, own, limits, is_shared: Arc::new(AtomicBool::new(true)) }
    }

    /// Of this process alone.
    pub fn in_memory(limits: SignInLimits, runtime: Runtime) -> Self {
        Self::new(Arc::new(MemoryLimits::new(runtime.clone())), limits, runtime)
    }

    /// Somebody at this address signs up, or carries a session on.
    pub async fn enter(&self, doing: Doing, address: Option<IpAddr>) -> Result<(), TooMany> {
        self.take(vec![self.of_address(doing, address)]).await
    }

    /// Somebody at this address tries a password for this account, which need not be there.
    pub async fn sign_in(&self, address: Option<IpAddr>, account: &str) -> Result<(), TooMany> {
        let Keys { pair, account, known } = Keys::of(address, account);
        let SignInLimits { per_account_and_address, per_account, .. } = self.limits;
        let on_account = Take { unless: Some(known), ..a_minute(account, per_account) };
        let takes = vec![
            self.of_address(Doing::SignIn, address),
            a_minute(pair, per_account_and_address),
            on_account,
        ];
        self.take(takes).await
    }

    /// The password was right.
    pub async fn signed_in(&self, address: Option<IpAddr>, account: &str) {
        let Keys { pair, known, .. } = Keys::of(address, account);
        for limits in [&*self.shared, &*self.own as &dyn Limits] {
            let noted = match limits.forget(&pair).await {
                Ok(()) => limits.remember(&known, KNOWN_FOR).await,
                failed => failed,
            };
            if let Err(error) = noted {
                tracing::debug!(%error, "a sign-in cannot be noted where all replicas see it");
            }
        }
    }

    #[cfg(test)]
    fn is_shared(&self) -> bool {
        self.is_shared.load(Ordering::Relaxed)
    }

    fn of_address(&self, doing: Doing, address: Option<IpAddr>) -> Take {
        a_minute(format!("{PREFIX}{}:{}", doing.word(), network(address)), self.limits.per_address)
    }

    async fn take(&self, takes: Vec<Take>) -> Result<(), TooMany> {
        let taken = self.shared.take(&takes).await;
        let was_shared = self.is_shared.swap(taken.is_ok(), Ordering::Relaxed);
        let wait = match taken {
            Ok(wait) => {
                if !was_shared {
                    tracing::info!("the limits on signing in are shared again");
                }
                wait
            }
            Err(error) => {
                if was_shared {
                    tracing::warn!(%error, "the limits on signing in are this replica's own");
                }
                let takes: Vec<_> =
                    takes.into_iter().map(|take| Take { rate: take.rate.share(SHARE), ..take }).collect();
                // Memory does not fail; if it did, nobody is kept out by it.
                self.own.take(&takes).await.unwrap_or_default()
            }
        };
        match wait {
            None => Ok(()),
            Some(wait) => {
                metrics::counter!("sign_ins_throttled_total").increment(1);
                Err(TooMany(wait))
            }
        }
    }
}

impl Doing {
    fn word(self) -> &'static str {
        match self {
            Self::SignUp => "sign-up",
            Self::SignIn => "sign-in",
            Self::Refresh => "refresh",
        }
    }
}

/// The braces keep the keys together where Redis is a cluster: what is taken together has to lie together.
const PREFIX: &str = "limits:{sign-in}:";

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

/// Whoever has an IPv6 address has 2⁶⁴ of them.
fn network(address: Option<IpAddr>) -> String {
    match address.map(|address| address.to_canonical()) {
        None => "unknown".to_owned(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

fn a_minute(key: String, times: u32) -> Take {
    Take { key, rate: Rate { times, within: MINUTE }, unless: None }
}
