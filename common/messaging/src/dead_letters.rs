//! Messages that could not be handled as they are: kept with the error, visible, and tried again by themselves.

mod mongo;
mod tending;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use contracts::Timestamp;
use eventsourcing::StoreError;
use serde::{Deserialize, Serialize};

use crate::message::Wire;
pub use mongo::MongoDeadLetters;
pub use tending::{Discarded, TendedLetters};

/// A message that was given up for now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// The event's id; where it has none, its place on the stream.
    pub id: String,
    pub subject: String,
    pub headers: BTreeMap<String, String>,
    /// The body's bytes, in hexadecimal: it may be anything.
    pub body: String,
    /// Why it could not be handled, the last time.
    pub error: String,
    pub first_at: Timestamp,
    /// How often it was tried since it was given up.
    pub retries: u32,
    pub retry_at: Timestamp,
    /// What its body was before somebody changed it, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Edit>,
}

/// A body that was replaced by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    pub by: String,
    pub at: Timestamp,
    /// As it was before, in hexadecimal.
    pub body: String,
}

impl DeadLetter {
    pub(crate) fn new(sequence: u64, wire: &Wire, error: String, now: Timestamp) -> Self {
        Self {
            id: wire.headers.get("ce-id").cloned().unwrap_or_else(|| sequence.to_string()),
            subject: wire.subject.clone(),
            headers: wire.headers.clone(),
            body: hexadecimal(&wire.body),
            error,
            first_at: now,
            retries: 0,
            retry_at: now + pause(0),
            edits: Vec::new(),
        }
    }

    /// The message as it came.
    pub fn wire(&self) -> Wire {
        let byte = |at: usize| self.body.get(at..at + 2).and_then(|text| u8::from_str_radix(text, 16).ok());
        let body = (0..self.body.len()).step_by(2).filter_map(byte).collect();
        Wire { subject: self.subject.clone(), headers: self.headers.clone(), body }
    }

    /// To be tried at once.
    pub fn due(self, now: Timestamp) -> Self {
        Self { retry_at: now, ..self }
    }

    /// With another body. The one it had is kept.
    pub fn edited(mut self, body: &[u8], by: &str, now: Timestamp) -> Self {
        let before = std::mem::replace(&mut self.body, hexadecimal(body));
        self.edits.push(Edit { by: by.to_owned(), at: now, body: before });
        self
    }

    /// Neither tried, nor put off, nor changed since.
    pub fn stands_as(&self, other: &Self) -> bool {
        (&self.body, self.retry_at) == (&other.body, other.retry_at)
    }

    pub(crate) fn failed_again(self, error: String, now: Timestamp) -> Self {
        let retries = self.retries + 1;
        Self { error, retries, retry_at: now + pause(retries), ..self }
    }
}

fn hexadecimal(body: &[u8]) -> String {
    body.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A minute, ten minutes, then each hour.
fn pause(retries: u32) -> Duration {
    Duration::from_secs(match retries {
        0 => 60,
        1 => 600,
        _ => 3_600,
    })
}

/// Where a service keeps its dead letters.
#[async_trait]
pub trait DeadLetters: Send + Sync + 'static {
    /// Keeps the letter, in place of an older one of the same message.
    async fn keep(&self, letter: &DeadLetter) -> Result<(), StoreError>;
    /// Those whose time to be tried again has come.
    async fn due(&self, now: Timestamp) -> Result<Vec<DeadLetter>, StoreError>;
    /// Keeps `after` in place of `before`. False where that is not there as it was: somebody else had it in hand.
    async fn replace(&self, before: &DeadLetter, after: &DeadLetter) -> Result<bool, StoreError>;
    /// It was handled after all.
    async fn remove(&self, id: &str) -> Result<(), StoreError>;
    async fn count(&self) -> Result<u64, StoreError>;
}

/// Dead letters in memory.
#[derive(Debug, Default)]
pub struct MemoryDeadLetters(Mutex<BTreeMap<String, DeadLetter>>);

impl MemoryDeadLetters {
    fn letters(&self) -> MutexGuard<'_, BTreeMap<String, DeadLetter>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl DeadLetters for MemoryDeadLetters {
    async fn keep(&self, letter: &DeadLetter) -> Result<(), StoreError> {
        self.letters().insert(letter.id.clone(), letter.clone());
        Ok(())
    }

    async fn due(&self, now: Timestamp) -> Result<Vec<DeadLetter>, StoreError> {
        Ok(self.letters().values().filter(|letter| letter.retry_at <= now).cloned().collect())
    }

    async fn replace(&self, before: &DeadLetter, after: &DeadLetter) -> Result<bool, StoreError> {
        let mut letters = self.letters();
        let is_there = letters.get(&before.id).is_some_and(|kept| kept.stands_as(before));
        if is_there {
            letters.insert(before.id.clone(), after.clone());
        }
        Ok(is_there)
    }

    async fn remove(&self, id: &str) -> Result<(), StoreError> {
        self.letters().remove(id);
        Ok(())
    }

    async fn count(&self) -> Result<u64, StoreError> {
        Ok(self.letters().len() as u64)
    }
}
