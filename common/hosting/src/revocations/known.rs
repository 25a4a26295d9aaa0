//! Who is banned and which sessions are over, for as long as a token may say otherwise. What comes twice or late changes
//! nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Included};
use std::time::Duration;

use contracts::users::{SessionEvent, UserEvent};
use contracts::{Event, SessionId, Timestamp, UserId};
use messaging::Heard;
use service::caller::ACCESS_TOKEN_LIFETIME;
use uuid::Uuid;

/// The category and the type of each event that is heard.
pub(super) const HEARS: &[(&str, &str)] =
    &[("user", "UserBanned"), ("user", "UserUnbanned"), ("session", "SessionRevoked")];

/// How far apart clocks may be.
const SKEW: Duration = Duration::from_secs(60);
/// By then every token has expired that was made before: auth makes none for whoever is banned.
pub(super) const REMEMBERED: Duration = ACCESS_TOKEN_LIFETIME.saturating_add(SKEW);

#[derive(Debug, Default)]
pub(super) struct Known {
    users: BTreeMap<UserId, LastWord>,
    sessions: BTreeSet<SessionId>,
    /// Each event by the time it was said, and its own id.
    said: BTreeMap<(Timestamp, Uuid), Whom>,
}

/// What an account said last.
#[derive(Clone, Copy, Debug)]
struct LastWord {
    version: u64,
    is_banned: bool,
}

#[derive(Clone, Copy, Debug)]
enum Whom {
    User(UserId, u64),
    Session(SessionId),
}

impl Known {
    pub(super) fn hear(&mut self, heard: &Heard, now: Timestamp) {
        if heard.at + REMEMBERED <= now {
            return;
        }
        let whom = match &heard.event {
            Event::User(UserEvent::UserBanned(_)) => self.note(heard, true),
            Event::User(UserEvent::UserUnbanned(_)) => self.note(heard, false),
            Event::Session(SessionEvent::SessionRevoked(_)) => {
                let session = SessionId(heard.aggregate_id);
                self.sessions.insert(session);
                Whom::Session(session)
            }
            _ => return,
        };
        self.said.insert((heard.at, heard.event_id), whom);
    }

    fn note(&mut self, heard: &Heard, is_banned: bool) -> Whom {
        let (user, version) = (UserId(heard.aggregate_id), heard.version);
        let last = self.users.entry(user).or_insert(LastWord { version, is_banned });
        if last.version < version {
            *last = LastWord { version, is_banned };
        }
        Whom::User(user, version)
    }

    pub(super) fn refuses(&self, user: UserId, session: SessionId) -> bool {
        self.sessions.contains(&session) || self.users.get(&user).is_some_and(|word| word.is_banned)
    }

    /// How many were said after `since`, and not after `until`.
    pub(super) fn between(&self, since: Timestamp, until: Timestamp) -> u64 {
        if since >= until {
            return 0;
        }
        self.said.range((Excluded((since, Uuid::max())), Included((until, Uuid::max())))).count() as u64
    }

    pub(super) fn count(&self) -> usize {
        self.said.len()
    }

    pub(super) fn forget_expired(&mut self, now: Timestamp) {
        while let Some(first) = self.said.first_entry().filter(|first| first.key().0 + REMEMBERED <= now) {
            match first.remove() {
                Whom::Session(session) => {
                    self.sessions.remove(&session);
                }
                Whom::User(user, version) => {
                    if self.users.get(&user).is_some_and(|word| word.version == version) {
                        self.users.remove(&user);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
