//! Who may not come in any more though their token has not expired, as this replica heard it, and how far that can be
//! relied on.

mod follower;
mod heartbeat;
mod known;

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use contracts::{SessionId, Timestamp, UserId};
use messaging::{Bus, BusError, Heard};
use runtime::Runtime;
use service::caller::{ACCESS_TOKEN_LIFETIME, Claims};

pub(crate) use follower::Follower;
use heartbeat::Heartbeat;
use known::Known;

/// Without word from auth for so long nothing is changed here.
const CUT_OFF_AFTER: Duration = Duration::from_secs(60);

/// What one replica heard of revocations.
pub struct Revocations {
    heard: RwLock<HeardSoFar>,
    runtime: Runtime,
}

struct HeardSoFar {
    known: Known,
    /// Whether all that stands on the stream was heard, over the connection that there is.
    is_complete: bool,
    /// The last heartbeat, and when it was heard.
    heartbeat: Option<(Heartbeat, Timestamp)>,
    /// When the last heartbeat was heard all of whose revocations are known.
    confirmed_at: Option<Timestamp>,
    begun_at: Timestamp,
}

/// What it is shown as.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Figures {
    known: usize,
    /// Since it was confirmed, or since the start.
    age: Duration,
}

impl Revocations {
    pub fn new(runtime: Runtime) -> Self {
        let heard = HeardSoFar {
            known: Known::default(),
            is_complete: false,
            heartbeat: None,
            confirmed_at: None,
            begun_at: runtime.now(),
        };
        Self { heard: RwLock::new(heard), runtime }
    }

    /// Tells every replica how many revocations there are, and that auth still tells. Says whether it did: what is not
    /// known to be complete is nobody's measure.
    pub async fn tell(&self, bus: &dyn Bus) -> Result<bool, BusError> {
        let now = self.runtime.now();
        let heartbeat = {
            let heard = self.read();
            heard.is_complete.then(|| {
                let since = now - ACCESS_TOKEN_LIFETIME;
                Heartbeat { since, until: now, revocations: heard.known.between(since, now) }
            })
        };
        match heartbeat {
            Some(heartbeat) => heartbeat.tell(bus).await.map(|()| true),
            None => Ok(false),
        }
    }

    fn hear(&self, said: &Heard) {
        let now = self.runtime.now();
        let mut heard = self.write();
        heard.known.hear(said, now);
        heard.confirm();
    }

    fn note_complete(&self) {
        let mut heard = self.write();
        heard.is_complete = true;
        heard.confirm();
    }

    /// What is known stays known; but there may be more.
    fn note_loss(&self) {
        self.write().is_complete = false;
    }

    fn hear_heartbeat(&self, heartbeat: Heartbeat) {
        let now = self.runtime.now();
        let mut heard = self.write();
        heard.heartbeat = Some((heartbeat, now));
        heard.confirm();
    }

    fn forget_expired(&self) {
        let now = self.runtime.now();
        self.write().known.forget_expired(now);
    }

    /// What it waits for before it can be relied on the first time.
    fn missing(&self) -> Option<String> {
        let heard = self.read();
        match (&heard.confirmed_at, &heard.heartbeat) {
            (Some(_), _) => None,
            (None, None) => Some("no heartbeat of auth since the start".to_owned()),
            (None, Some(_)) if !heard.is_complete => Some("not all that was said is heard yet".to_owned()),
            (None, Some((heartbeat, _))) => {
                let Heartbeat { since, until, revocations } = *heartbeat;
                Some(format!("{} of {revocations} revocations are known", heard.known.between(since, until)))
            }
        }
    }

    fn figures(&self) -> Figures {
        let heard = self.read();
        let age = self.runtime.now().since(heard.confirmed_at.unwrap_or(heard.begun_at));
        Figures { known: heard.known.count(), age }
    }

    fn read(&self) -> RwLockReadGuard<'_, HeardSoFar> {
        self.heard.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HeardSoFar> {
        self.heard.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HeardSoFar {
    /// A heartbeat that came before the last of its revocations is confirmed when that has come too.
    fn confirm(&mut self) {
        let Some((Heartbeat { since, until, revocations }, heard_at)) = self.heartbeat else { return };
        let is_new = self.confirmed_at.is_none_or(|confirmed_at| confirmed_at < heard_at);
        if is_new && self.is_complete && self.known.between(since, until) >= revocations {
            self.confirmed_at = Some(heard_at);
        }
    }
}

impl service::caller::Revocations for Revocations {
    fn refuses(&self, claims: &Claims) -> bool {
        let (user, session): (UserId, SessionId) = (claims.sub, claims.sid);
        self.read().known.refuses(user, session)
    }

    fn is_cut_off(&self, now: Timestamp) -> bool {
        self.read().confirmed_at.is_none_or(|confirmed_at| now.since(confirmed_at) >= CUT_OFF_AFTER)
    }
}

#[cfg(test)]
mod tests;
