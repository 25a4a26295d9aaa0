//! EVENTS IN, auth's own: whenever one matters to security it is in the audit trail, and whenever somebody is banned
//! their sessions end.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use contracts::users::UserEvent;
use contracts::{Event, SessionId, Timestamp, UserId};
use eventsourcing::Snapshot;
use messaging::{Fault, Heard, Listener};
use uuid::Uuid;

use crate::audit::Witness;
use crate::session::{Session, SessionCommand};
use crate::{Auth, SERVICE, views};

/// The category and the type of each event that auth hears.
pub const HEARS: &[(&str, &str)] = &[
    ("user", "UserCreated"),
    ("user", "UserBanned"),
    ("user", "UserUnbanned"),
    ("user", "UserPasswordChanged"),
    ("session", "SessionStarted"),
    ("session", "SessionRevoked"),
];

/// By then whoever was let in just before the ban has their session: no request takes longer.
const ONCE_MORE_AFTER: Duration = Duration::from_secs(30);

/// Whose sessions end with this event, if anybody's do.
pub fn whenever(heard: &Heard) -> Option<UserId> {
    match &heard.event {
        Event::User(UserEvent::UserBanned(_)) => Some(UserId(heard.aggregate_id)),
        _ => None,
    }
}

/// Keeps what it hears in the audit trail, and gives the sessions the commands that follow.
pub(crate) struct Policies {
    auth: Auth,
    witness: Witness,
}

impl Policies {
    pub(crate) fn new(auth: Auth) -> Self {
        let witness = Witness::new(Arc::clone(&auth.audit), auth.runtime.clone());
        Self { auth, witness }
    }

    /// Those that were there when the user was banned; and for as long as they are, those that began since.
    async fn end_sessions(&self, user: UserId, heard: &Heard) -> Result<(), Fault> {
        let is_banned = self.is_banned(user).await?;
        let ends = |session: &Snapshot<Session>| is_banned || session.created_at <= heard.at;
        let mut after = None;
        loop {
            let query = views::live_sessions_of(user).after(after);
            let found = self.auth.sessions.find(&query).await?;
            for session in found.iter().filter(|session| ends(session)) {
                self.end(SessionId(session.id), heard).await?;
            }
            after = found.last().and_then(|last| query.cursor(last.id, last));
            if after.is_none() {
                return Ok(());
            }
        }
    }

    async fn is_banned(&self, user: UserId) -> Result<bool, Fault> {
        let account = self.auth.accounts.load(user).await?;
        Ok(account.is_some_and(|account| account.state.is_banned()))
    }

    async fn end(&self, session: SessionId, heard: &Heard) -> Result<(), Fault> {
        match self.auth.sessions.execute(session, heard.causes(SERVICE), SessionCommand::End).await {
            Ok(_) => {
                tracing::info!(session.id = %session, "session {session} ended with a ban");
                Ok(())
            }
            Err(error) => {
                let rejection = Fault::unless_rejected(error)?;
                Err(Fault::Poison(format!("session {session} cannot end: {rejection:?}")))
            }
        }
    }
}

#[async_trait]
impl Listener for Policies {
    fn service(&self) -> &'static str {
        SERVICE
    }

    fn hears(&self) -> &'static [(&'static str, &'static str)] {
        HEARS
    }

    fn lane(&self, heard: &Heard) -> Uuid {
        heard.aggregate_id
    }

    /// At once, and once more for who was being let in at that moment.
    async fn hear(&self, heard: &Heard) -> Result<(), Fault> {
        self.witness.hear(heard).await?;
        let Some(user) = whenever(heard) else { return Ok(()) };
        // Before it looks: what begins while it does is seen the next time.
        let again_in = left(heard.at, self.auth.runtime.now());
        self.end_sessions(user, heard).await?;
        again_in.map_or(Ok(()), |pause| Err(Fault::NotYet(pause)))
    }
}

/// How long it is until the last look; none when this is it.
fn left(banned_at: Timestamp, now: Timestamp) -> Option<Duration> {
    let left = (banned_at + ONCE_MORE_AFTER).since(now);
    (!left.is_zero()).then_some(left)
}

#[cfg(test)]
mod tests;
