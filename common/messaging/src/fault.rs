//! Why a message could not be handled now.

use std::time::Duration;

use eventsourcing::{ExecutionError, StoreError};

/// Each fault says by itself what becomes of the message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It came too early: it is delivered again after this pause.
    #[error("not yet, again in {0:?}")]
    NotYet(Duration),
    /// A server is away: it is delivered again after a growing pause, and never given up.
    #[error("{0}")]
    Unavailable(String),
    /// It cannot be handled as it is: after five tries it becomes a dead letter.
    #[error("{0}")]
    Poison(String),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(why) => Self::Unavailable(why),
            StoreError::Malformed(..) => Self::Poison(error.to_string()),
        }
    }
}

impl Fault {
    /// The fault of a command that a policy gave; a rejection is none, and is handed back.
    pub fn unless_rejected<R: std::fmt::Debug>(error: ExecutionError<R>) -> Result<R, Self> {
        match error {
            ExecutionError::Rejected(rejection) => Ok(rejection),
            ExecutionError::Taken(index) => Err(Self::Poison(format!("the unique index {index} refused it"))),
            ExecutionError::Unavailable(why) => Err(Self::Unavailable(why)),
            ExecutionError::Broken(why) => Err(Self::Poison(why)),
        }
    }
}
