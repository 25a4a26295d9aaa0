//! What somebody may do who looks after dead letters, beside the service whose they are.

use async_trait::async_trait;
use contracts::Timestamp;
use eventsourcing::StoreError;
use serde::{Deserialize, Serialize};

use super::{DeadLetter, DeadLetters};

/// A letter that is not tried any more. It is kept for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discarded {
    pub letter: DeadLetter,
    pub reason: String,
    pub by: String,
    pub at: Timestamp,
}

/// Dead letters that can be looked through. What is done to one is done only if it still stands as it was seen.
#[async_trait]
pub trait TendedLetters: DeadLetters {
    /// The oldest first.
    async fn all(&self) -> Result<Vec<DeadLetter>, StoreError>;
    async fn find(&self, id: &str) -> Result<Option<DeadLetter>, StoreError>;
    /// Moves it to those that were discarded. False where it is not there as it was.
    async fn discard(&self, discarded: &Discarded) -> Result<bool, StoreError>;
}

impl Discarded {
    /// The same message may become a dead letter again, and be discarded again.
    pub fn key(&self) -> String {
        format!("{} of {}", self.letter.id, self.letter.first_at)
    }
}
