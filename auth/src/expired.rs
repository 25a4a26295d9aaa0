//! Sessions that ran out of time end by themselves, so that each that is over has said so.

use std::time::Duration;

use contracts::SessionId;
use eventsourcing::{Actor, Cause, ExecutionError, StoreError};
use hosting::Recurring;

use crate::session::SessionCommand;
use crate::{Auth, SERVICE, views};

const PAUSE: Duration = Duration::from_secs(10 * 60);

impl Auth {
    /// Ends, now and then, what ran out.
    pub fn recurring(&self) -> Recurring {
        let auth = self.clone();
        Recurring::new("sessions ran out", PAUSE, move || {
            let auth = auth.clone();
            async move { auth.end_expired().await }
        })
    }

    /// How many there were.
    pub async fn end_expired(&self) -> Result<usize, StoreError> {
        let mut ended = 0;
        for query in views::expired_sessions(self.settings.session_lifetime, self.runtime.now()) {
            for session in self.sessions.find(&query).await? {
                let id = SessionId(session.id);
                let cause = Cause {
                    causation_id: self.runtime.new_id(),
                    correlation_id: id.0,
                    actor: Actor::Service(SERVICE.to_owned()),
                    traceparent: None,
                };
                match self.sessions.execute(id, cause, SessionCommand::End).await {
                    Ok(_) => ended += 1,
                    Err(ExecutionError::Unavailable(why)) => return Err(StoreError::Unavailable(why)),
                    Err(error) => tracing::error!(%error, session.id = %id, "a session cannot be ended"),
                }
            }
        }
        Ok(ended)
    }
}
