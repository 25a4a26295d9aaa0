//! What a service last knew of the stream, kept beside its own data: by it a lost or shortened stream is noticed.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use contracts::Timestamp;
use eventsourcing::StoreError;
use mongodb::bson::doc;
use mongodb::{Collection, Database};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A place on the stream that a service has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// When the stream was made.
    pub created: Timestamp,
    pub last_sequence: u64,
    /// What stands at that sequence; none where there is nothing yet.
    pub last: Option<LastSeen>,
    /// When that was so. What was published behind it is of aggregates that changed since, or shortly before.
    pub seen_at: Timestamp,
}

/// A message, so that it can be told from any other that comes to stand at its sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastSeen {
    /// None where it is no event of ours.
    pub event_id: Option<Uuid>,
    /// The same event, told again behind other losses, may stand where it stood; but it was stored later.
    pub stored_at: Timestamp,
}

/// Where a service keeps its marker.
#[async_trait]
pub trait Markers: Send + Sync + 'static {
    async fn load(&self) -> Result<Option<Marker>, StoreError>;
    async fn save(&self, marker: &Marker) -> Result<(), StoreError>;
}

/// The marker in memory.
#[derive(Debug, Default)]
pub struct MemoryMarkers(Mutex<Option<Marker>>);

impl MemoryMarkers {
    pub fn new(marker: Option<Marker>) -> Self {
        Self(Mutex::new(marker))
    }
}

#[async_trait]
impl Markers for MemoryMarkers {
    async fn load(&self) -> Result<Option<Marker>, StoreError> {
        Ok(*self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn save(&self, marker: &Marker) -> Result<(), StoreError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(*marker);
        Ok(())
    }
}

/// The marker in the service's own database.
pub struct MongoMarkers {
    markers: Collection<mongodb::bson::Document>,
}

impl MongoMarkers {
    pub fn new(database: &Database) -> Self {
        Self { markers: database.collection("stream_marker") }
    }
}

const KEY: &str = "EVENTS";

fn unavailable(_: mongodb::error::Error) -> StoreError {
    StoreError::Unavailable("MongoDB failed".to_owned())
}

#[async_trait]
impl Markers for MongoMarkers {
    async fn load(&self) -> Result<Option<Marker>, StoreError> {
        let found = self.markers.find_one(doc! { "_id": KEY }).await.map_err(unavailable)?;
        let text = found.as_ref().and_then(|found| found.get_str("marker").ok());
        let malformed = |error: serde_json::Error| StoreError::Malformed(KEY.to_owned(), error.to_string());
        text.map(|text| serde_json::from_str(text).map_err(malformed)).transpose()
    }

    async fn save(&self, marker: &Marker) -> Result<(), StoreError> {
        let text = serde_json::to_string(marker)
            .map_err(|error| StoreError::Malformed(KEY.to_owned(), error.to_string()))?;
        let set = doc! { "$set": { "marker": text } };
        self.markers.update_one(doc! { "_id": KEY }, set).upsert(true).await.map(drop).map_err(unavailable)
    }
}
