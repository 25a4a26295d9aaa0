//! A session: one sign-in of one person on one device. Once it is over it never begins again.

use std::net::IpAddr;

use contracts::users::{SessionEvent, SessionRefreshed, SessionRevoked, SessionStarted};
use contracts::{Timestamp, UserId};
use eventsourcing::Decider;
use serde::{Deserialize, Serialize};

mod worth;

pub(crate) use worth::{Worth, last_used_at};

#[cfg(test)]
mod tests;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Session {
    #[default]
    Unstarted,
    Live(Holder),
    Over(Holder),
}

/// Whose session it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub user_id: UserId,
    /// How often it was carried on: which refresh token is the present one is decided by it.
    #[serde(default)]
    pub refreshes: u64,
}

/// What is known of a session beside its events.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Device {
    /// The SHA-256 of the present refresh token: the token itself is kept by its holder alone.
    pub refresh_hash: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<Replaced>,
    /// What every refresh token of the session is sealed with.
    #[serde(default)]
    pub sealing: String,
    /// As the browser calls itself, cut to a sane length.
    pub user_agent: Option<String>,
    /// Where the session was last carried on from, as far as the edge could tell.
    pub ip: Option<IpAddr>,
}

/// The refresh token before the present one.
#[derive(Clone, Serialize, Deserialize)]
pub struct Replaced {
    pub hash: String,
    /// From it and the token that was replaced the present one is made; from neither alone.
    pub salt: String,
    pub at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionCommand {
    Start {
        user_id: UserId,
    },
    /// Carries it on. The new token goes beside the event, in the same write.
    Refresh {
        /// How often it had been carried on when the caller's token was found to be the present one.
        seen: u64,
    },
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionRejection {
    NoSuchSession,
    /// The id is in use, by another person or by a session that is over.
    NotNew,
    /// Somebody else carried it on since the caller's token was looked at.
    Stale,
    Over,
}

impl Decider for Session {
    type Command = SessionCommand;
    type Event = SessionEvent;
    type Rejection = SessionRejection;
    type Private = Device;

    fn decide(&self, command: &SessionCommand) -> Result<Vec<SessionEvent>, SessionRejection> {
        use SessionCommand::{End, Refresh, Start};
        match (self, command) {
            (Self::Unstarted, Start { user_id }) => Ok(vec![SessionStarted { user_id: *user_id }.into()]),
            (Self::Live(holder), Start { user_id }) if holder.user_id == *user_id => Ok(Vec::new()),
            (Self::Live(_) | Self::Over(_), Start { .. }) => Err(SessionRejection::NotNew),
            (Self::Unstarted, Refresh { .. } | End) => Err(SessionRejection::NoSuchSession),
            (Self::Live(holder), Refresh { seen }) if holder.refreshes != *seen => {
                Err(SessionRejection::Stale)
            }
            (Self::Live(_), Refresh { .. }) => Ok(vec![SessionRefreshed {}.into()]),
            (Self::Over(_), Refresh { .. }) => Err(SessionRejection::Over),
            (Self::Live(holder), End) => Ok(vec![SessionRevoked { user_id: holder.user_id }.into()]),
            (Self::Over(_), End) => Ok(Vec::new()),
        }
    }

    fn evolve(self, event: &SessionEvent) -> Self {
        match (self, event) {
            (_, SessionEvent::SessionStarted(SessionStarted { user_id })) => {
                Self::Live(Holder { user_id: *user_id, refreshes: 0 })
            }
            (Self::Live(holder), SessionEvent::SessionRefreshed(SessionRefreshed {})) => {
                Self::Live(Holder { refreshes: holder.refreshes + 1, ..holder })
            }
            (session, SessionEvent::SessionRefreshed(SessionRefreshed {})) => session,
            (session, SessionEvent::SessionRevoked(SessionRevoked { user_id })) => {
                let refreshes = session.holder().map_or(0, |holder| holder.refreshes);
                Self::Over(Holder { user_id: *user_id, refreshes })
            }
        }
    }
}

impl Session {
    /// Whose it is, or was.
    pub fn user(&self) -> Option<UserId> {
        self.holder().map(|holder| holder.user_id)
    }

    fn holder(&self) -> Option<Holder> {
        match self {
            Self::Unstarted => None,
            Self::Live(holder) | Self::Over(holder) => Some(*holder),
        }
    }
}
