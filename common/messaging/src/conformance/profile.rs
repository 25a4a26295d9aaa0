//! A small aggregate to test with: it says as many events of a user as it is told to.

use contracts::users::{Role, UserEvent, UserUpdated};
use eventsourcing::{Actor, Cause, Decider};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Profile {
    said: u64,
}

/// So many events in one commit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Say(pub usize);

impl Decider for Profile {
    type Command = Say;
    type Event = UserEvent;
    type Rejection = ();
    type Private = ();

    fn decide(&self, command: &Say) -> Result<Vec<UserEvent>, ()> {
        Ok(vec![UserUpdated { roles: vec![Role::User] }.into(); command.0])
    }

    fn evolve(self, _event: &UserEvent) -> Self {
        Self { said: self.said + 1 }
    }
}

pub(crate) fn cause(number: u128) -> Cause {
    Cause {
        causation_id: Uuid::from_u128(number),
        correlation_id: Uuid::from_u128(7),
        actor: Actor::Service("tests".to_owned()),
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
    }
}
