//! A session: one sign-in of one person on one device. Once it is over it never begins again.

use std::net::IpAddr;

use contracts::UserId;
use contracts::users::{SessionEvent, SessionRevoked, SessionStarted};
use eventsourcing::Decider;
use serde::{Deserialize, Serialize};

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
}

/// What is known of a session beside its events.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Device {
    /// The SHA-256 of the refresh token: the token itself is kept by its holder alone.
    pub refresh_hash: String,
    /// As the browser calls itself, cut to a sane length.
    pub user_agent: Option<String>,
    /// Where the sign-in came from, as far as the edge could tell.
    pub ip: Option<IpAddr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionCommand {
    Start { user_id: UserId },
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionRejection {
    NoSuchSession,
    /// The id is in use, by another person or by a session that is over.
    NotNew,
}

impl Decider for Session {
    type Command = SessionCommand;
    type Event = SessionEvent;
    type Rejection = SessionRejection;
    type Private = Device;

    fn decide(&self, command: &SessionCommand) -> Result<Vec<SessionEvent>, SessionRejection> {
        use SessionCommand::{End, Start};
        match (self, command) {
            (Self::Unstarted, Start { user_id }) => Ok(vec![SessionStarted { user_id: *user_id }.into()]),
            (Self::Live(holder), Start { user_id }) if holder.user_id == *user_id => Ok(Vec::new()),
            (Self::Live(_) | Self::Over(_), Start { .. }) => Err(SessionRejection::NotNew),
            (Self::Unstarted, End) => Err(SessionRejection::NoSuchSession),
            (Self::Live(holder), End) => Ok(vec![SessionRevoked { user_id: holder.user_id }.into()]),
            (Self::Over(_), End) => Ok(Vec::new()),
        }
    }

    fn evolve(self, event: &SessionEvent) -> Self {
        match *event {
            SessionEvent::SessionStarted(SessionStarted { user_id }) => Self::Live(Holder { user_id }),
            SessionEvent::SessionRevoked(SessionRevoked { user_id }) => Self::Over(Holder { user_id }),
        }
    }
}

impl Session {
    /// Whose it is, or was.
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::Unstarted => None,
            Self::Live(holder) | Self::Over(holder) => Some(holder.user_id),
        }
    }
}
