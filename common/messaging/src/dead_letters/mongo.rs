//! Dead letters in a service's own database.

use async_trait::async_trait;
use contracts::Timestamp;
use eventsourcing::StoreError;
use futures::TryStreamExt as _;
use mongodb::bson::{Bson, Document, doc};
use mongodb::options::{CollectionOptions, WriteConcern};
use mongodb::{Collection, Database};
use serde::Serialize;

use super::{DeadLetter, DeadLetters, Discarded, TendedLetters};

/// In the collection `dead_letters`; what was discarded of them in `discarded_letters`.
pub struct MongoDeadLetters {
    letters: Collection<Document>,
    discarded: Collection<Document>,
}

impl MongoDeadLetters {
    pub fn new(database: &Database) -> Self {
        // The message is let go of as soon as its letter is kept: so that has to be on the disk.
        let journaled = WriteConcern::builder().journal(true).build();
        let options = CollectionOptions::builder().write_concern(journaled).build();
        let discarded = database.collection_with_options("discarded_letters", options.clone());
        Self { letters: database.collection_with_options("dead_letters", options), discarded }
    }
}

fn bson(letter: &DeadLetter, value: &impl Serialize) -> Result<Bson, StoreError> {
    let malformed = |why: String| StoreError::Malformed(letter.id.clone(), why);
    let json = serde_json::to_value(value).map_err(|error| malformed(error.to_string()))?;
    eventsourcing::json_to_bson(&json).map_err(malformed)
}

fn set(letter: &DeadLetter) -> Result<Document, StoreError> {
    let kept = bson(letter, letter)?;
    Ok(doc! { "$set": { "retry_at": letter.retry_at.to_string(), "letter": kept } })
}

/// Selects it, if it stands as this one does.
fn as_it_stands(letter: &DeadLetter) -> Document {
    doc! { "_id": &letter.id, "retry_at": letter.retry_at.to_string(), "letter.body": &letter.body }
}

fn read(document: Document) -> Result<DeadLetter, StoreError> {
    let id = document.get_str("_id").unwrap_or_default().to_owned();
    let letter = document.get_document("letter").cloned().unwrap_or_default();
    mongodb::bson::deserialize_from_document(letter)
        .map_err(|error| StoreError::Malformed(id, error.to_string()))
}

fn unavailable(_: mongodb::error::Error) -> StoreError {
    StoreError::Unavailable("MongoDB failed".to_owned())
}

#[async_trait]
impl DeadLetters for MongoDeadLetters {
    async fn keep(&self, letter: &DeadLetter) -> Result<(), StoreError> {
        let update = self.letters.update_one(doc! { "_id": &letter.id }, set(letter)?).upsert(true);
        update.await.map(drop).map_err(unavailable)
    }

    async fn replace(&self, before: &DeadLetter, after: &DeadLetter) -> Result<bool, StoreError> {
        let update = self.letters.update_one(as_it_stands(before), set(after)?);
        update.await.map(|updated| updated.matched_count == 1).map_err(unavailable)
    }

    async fn due(&self, now: Timestamp) -> Result<Vec<DeadLetter>, StoreError> {
        let find = self.letters.find(doc! { "retry_at": { "$lte": now.to_string() } }).limit(100);
        let found: Vec<Document> =
            find.await.map_err(unavailable)?.try_collect().await.map_err(unavailable)?;
        found.into_iter().map(read).collect()
    }

    async fn remove(&self, id: &str) -> Result<(), StoreError> {
        self.letters.delete_one(doc! { "_id": id }).await.map(drop).map_err(unavailable)
    }

    async fn count(&self) -> Result<u64, StoreError> {
        self.letters.count_documents(doc! {}).await.map_err(unavailable)
    }
}

#[async_trait]
impl TendedLetters for MongoDeadLetters {
    async fn all(&self) -> Result<Vec<DeadLetter>, StoreError> {
        let find = self.letters.find(doc! {}).sort(doc! { "letter.first_at": 1 });
        let found: Vec<Document> =
            find.await.map_err(unavailable)?.try_collect().await.map_err(unavailable)?;
        found.into_iter().map(read).collect()
    }

    async fn find(&self, id: &str) -> Result<Option<DeadLetter>, StoreError> {
        self.letters.find_one(doc! { "_id": id }).await.map_err(unavailable)?.map(read).transpose()
    }

    async fn discard(&self, discarded: &Discarded) -> Result<bool, StoreError> {
        let letter = &discarded.letter;
        let key = doc! { "_id": discarded.key() };
        let copy = doc! { "$set": { "discarded": bson(letter, discarded)? } };
        self.discarded.update_one(key.clone(), copy).upsert(true).await.map_err(unavailable)?;
        let deleted = self.letters.delete_one(as_it_stands(letter)).await.map_err(unavailable)?;
        let is_moved = deleted.deleted_count == 1;
        if !is_moved {
            self.discarded.delete_one(key).await.map_err(unavailable)?;
        }
        Ok(is_moved)
    }
}
