//! Messages that could not be handled as they are: kept with the error, visible, and tried again by themselves.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use contracts::Timestamp;
use eventsourcing::StoreError;
use futures::TryStreamExt as _;
use mongodb::bson::{Document, doc};
use mongodb::options::{CollectionOptions, WriteConcern};
use mongodb::{Collection, Database};
use serde::{Deserialize, Serialize};

use crate::message::Wire;

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
}

impl DeadLetter {
    pub(crate) fn new(sequence: u64, wire: &Wire, error: String, now: Timestamp) -> Self {
        Self {
            id: wire.headers.get("ce-id").cloned().unwrap_or_else(|| sequence.to_string()),
            subject: wire.subject.clone(),
            headers: wire.headers.clone(),
            body: wire.body.iter().map(|byte| format!("{byte:02x}")).collect(),
            error,
            first_at: now,
            retries: 0,
            retry_at: now + pause(0),
        }
    }

    pub(crate) fn wire(&self) -> Wire {
        let byte = |at: usize| self.body.get(at..at + 2).and_then(|text| u8::from_str_radix(text, 16).ok());
        let body = (0..self.body.len()).step_by(2).filter_map(byte).collect();
        Wire { subject: self.subject.clone(), headers: self.headers.clone(), body }
    }

    pub(crate) fn failed_again(self, error: String, now: Timestamp) -> Self {
        let retries = self.retries + 1;
        Self { error, retries, retry_at: now + pause(retries), ..self }
    }
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

    async fn remove(&self, id: &str) -> Result<(), StoreError> {
        self.letters().remove(id);
        Ok(())
    }

    async fn count(&self) -> Result<u64, StoreError> {
        Ok(self.letters().len() as u64)
    }
}

/// Dead letters in the service's own database, in the collection `dead_letters`.
pub struct MongoDeadLetters {
    letters: Collection<Document>,
}

impl MongoDeadLetters {
    pub fn new(database: &Database) -> Self {
        // The message is let go of as soon as its letter is kept: so that has to be on the disk.
        let journaled = WriteConcern::builder().journal(true).build();
        let options = CollectionOptions::builder().write_concern(journaled).build();
        Self { letters: database.collection_with_options("dead_letters", options) }
    }
}

fn unavailable(_: mongodb::error::Error) -> StoreError {
    StoreError::Unavailable("MongoDB failed".to_owned())
}

#[async_trait]
impl DeadLetters for MongoDeadLetters {
    async fn keep(&self, letter: &DeadLetter) -> Result<(), StoreError> {
        let malformed = |why: String| StoreError::Malformed(letter.id.clone(), why);
        let json = serde_json::to_value(letter).map_err(|error| malformed(error.to_string()))?;
        let bson = eventsourcing::json_to_bson(&json).map_err(malformed)?;
        let set = doc! { "$set": { "retry_at": letter.retry_at.to_string(), "letter": bson } };
        let update = self.letters.update_one(doc! { "_id": &letter.id }, set).upsert(true);
        update.await.map(drop).map_err(unavailable)
    }

    async fn due(&self, now: Timestamp) -> Result<Vec<DeadLetter>, StoreError> {
        let find = self.letters.find(doc! { "retry_at": { "$lte": now.to_string() } }).limit(100);
        let found: Vec<Document> =
            find.await.map_err(unavailable)?.try_collect().await.map_err(unavailable)?;
        let read = |document: Document| {
            let id = document.get_str("_id").unwrap_or_default().to_owned();
            let letter = document.get_document("letter").cloned().unwrap_or_default();
            mongodb::bson::deserialize_from_document(letter)
                .map_err(|error| StoreError::Malformed(id, error.to_string()))
        };
        found.into_iter().map(read).collect()
    }

    async fn remove(&self, id: &str) -> Result<(), StoreError> {
        self.letters.delete_one(doc! { "_id": id }).await.map(drop).map_err(unavailable)
    }

    async fn count(&self) -> Result<u64, StoreError> {
        self.letters.count_documents(doc! {}).await.map_err(unavailable)
    }
}
