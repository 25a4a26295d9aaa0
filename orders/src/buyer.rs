//! DECIDES: what orders knows of a user's ban, and which of their orders it ends. What the account said last counts, in
//! whatever order it is heard.

use std::time::Duration;

use contracts::Timestamp;
use contracts::orders::{BuyerBanned, BuyerEvent, BuyerUnbanned};
use eventsourcing::Decider;
use serde::{Deserialize, Serialize};

/// How far the clocks of two services may be apart.
const SKEW: Duration = Duration::from_secs(5);
/// A replica that does not hear of a ban takes orders from the banned for no longer than this.
const CUT_OFF: Duration = Duration::from_secs(60);
/// By then what was begun in that time is committed, and the end of the ban, where it ended at once, is heard.
const ONCE_MORE_AFTER: Duration = Duration::from_secs(90);

/// A user, as far as orders heard of a ban.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Buyer {
    #[default]
    Unheard,
    Banned(Ban),
    Unbanned {
        user_version: u64,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// Of the account's event that said so.
    pub user_version: u64,
    pub banned_at: Timestamp,
    /// The first time.
    pub heard_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuyerCommand {
    NoteBan {
        /// Of the account's event that says so.
        user_version: u64,
        banned_at: Timestamp,
        now: Timestamp,
    },
    NoteUnban {
        user_version: u64,
    },
}

/// What was heard cannot be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuyerRejection {}

/// One look for what a ban ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// What was created then or later is not touched.
    pub created_before: Timestamp,
    /// How long it is until the next look.
    pub again_in: Option<Duration>,
}

impl Decider for Buyer {
    type Command = BuyerCommand;
    type Event = BuyerEvent;
    type Rejection = BuyerRejection;
    type Private = ();

    fn decide(&self, command: &BuyerCommand) -> Result<Vec<BuyerEvent>, BuyerRejection> {
        let known = self.user_version();
        match *command {
            BuyerCommand::NoteBan { user_version, .. } | BuyerCommand::NoteUnban { user_version }
                if user_version <= known =>
            {
                Ok(vec![])
            }
            BuyerCommand::NoteBan { user_version, banned_at, now } => {
                Ok(vec![BuyerBanned { user_version, banned_at, heard_at: now }.into()])
            }
            BuyerCommand::NoteUnban { user_version } => Ok(vec![BuyerUnbanned { user_version }.into()]),
        }
    }

    fn evolve(self, event: &BuyerEvent) -> Self {
        match *event {
            BuyerEvent::BuyerBanned(BuyerBanned { user_version, banned_at, heard_at }) => {
                Self::Banned(Ban { user_version, banned_at, heard_at })
            }
            BuyerEvent::BuyerUnbanned(BuyerUnbanned { user_version }) => Self::Unbanned { user_version },
        }
    }
}

impl Buyer {
    /// What the ban that the account said with this version ends now; nothing where something newer is known.
    ///
    /// At once that is what was there when the ban was said, and with the second look what was begun in the minute
    /// after it. However late the ban is heard, its end has the same time to be heard before that: whoever was let in
    /// again keeps what they began since.
    pub fn look(&self, user_version: u64, now: Timestamp) -> Option<Look> {
        let Self::Banned(ban) = self else { return None };
        if ban.user_version != user_version {
            return None;
        }
        let again_at = ban.heard_at + ONCE_MORE_AFTER;
        Some(if now < again_at {
            Look { created_before: ban.banned_at + SKEW, again_in: Some(again_at.since(now)) }
        } else {
            Look { created_before: ban.banned_at + CUT_OFF, again_in: None }
        })
    }

    fn user_version(&self) -> u64 {
        match self {
            Self::Unheard => 0,
            Self::Banned(Ban { user_version, .. }) | Self::Unbanned { user_version } => *user_version,
        }
    }
}

#[cfg(test)]
mod tests;
