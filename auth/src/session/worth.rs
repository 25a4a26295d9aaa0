//! What a refresh token that somebody brings is worth to its session. Pure: what was read beside the events is judged
//! here, and [`SessionCommand::Refresh`](super::SessionCommand::Refresh) holds only if nobody was faster.

use std::time::Duration;

use contracts::{Timestamp, UserId};
use eventsourcing::Snapshot;

use super::{Holder, Session};
use crate::secrets::{REFRESH_TOKEN_LIFETIME, RefreshToken, Salt};

#[cfg(test)]
mod tests;

/// How long a token that was replaced is answered with the one that replaced it: two tabs carry a session on at once.
const GRACE: Duration = Duration::from_secs(10);

/// What a token is good for.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Worth {
    /// It carries the session on; this seals what replaces it.
    Present(Holder, Salt),
    /// It was replaced by this one a moment ago.
    JustReplaced(Holder, RefreshToken),
    /// It was used before: either its holder or somebody else is a thief, and nobody can tell who.
    Reused(UserId),
    /// The session ran out of time, and is still to be ended.
    Expired,
    /// The session never gave it out, or is over.
    Nothing,
}

impl Worth {
    /// Of `token` at `now`, where no session lasts longer than `longest`.
    pub(crate) fn of(
        token: &RefreshToken,
        session: &Snapshot<Session>,
        longest: Duration,
        now: Timestamp,
    ) -> Self {
        let Session::Live(holder) = session.state else { return Self::Nothing };
        let sealing = Salt::kept(&session.private.sealing).filter(|sealing| token.is_sealed_by(sealing));
        let Some(sealing) = sealing else { return Self::Nothing };
        let unused = now.since(last_used_at(session));
        if unused >= REFRESH_TOKEN_LIFETIME || now.since(session.created_at) >= longest {
            return Self::Expired;
        }
        let hash = token.hash();
        if hash == session.private.refresh_hash {
            return Self::Present(holder, sealing);
        }
        let replaced = session.private.replaced.as_ref();
        let replaced = replaced.filter(|replaced| hash == replaced.hash && now.since(replaced.at) <= GRACE);
        match replaced.and_then(|replaced| Salt::kept(&replaced.salt)) {
            Some(salt) => Self::JustReplaced(holder, token.successor(&salt, &sealing)),
            None => Self::Reused(holder.user_id),
        }
    }
}

/// When the session was begun or last carried on.
pub(crate) fn last_used_at(session: &Snapshot<Session>) -> Timestamp {
    session.private.replaced.as_ref().map_or(session.created_at, |replaced| replaced.at)
}
