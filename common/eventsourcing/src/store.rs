//! The port behind which documents live.

use async_trait::async_trait;
use contracts::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Decider, Query, RawEvent, Recorded};

/// Where the aggregates of one category live.
///
/// Whatever it answers is durable and agreed on by a majority: it is never taken back.
#[async_trait]
pub trait EventStore<D: Decider>: Outbox {
    async fn load(&self, id: Uuid) -> Result<Option<Loaded<D>>, StoreError>;

    /// Appends the events and sets the state in one write, if the version is still the expected one.
    async fn commit(&self, commit: Commit<'_, D>) -> Result<(), CommitError>;

    /// Whether an event that was moved out of the document has this cause.
    async fn archived_cause(&self, id: Uuid, causation_id: Uuid) -> Result<bool, StoreError>;

    async fn find(&self, query: &Query) -> Result<Vec<Snapshot<D>>, StoreError>;

    /// How many meet the query's conditions; its order, place and limit do not matter.
    async fn count(&self, query: &Query) -> Result<u64, StoreError>;
}

/// What the relay needs to know of a store; what the events say does not matter to it.
#[async_trait]
pub trait Outbox: Send + Sync + 'static {
    fn category(&self) -> &'static str;

    /// Documents, in the order of their ids behind `after`, with events that are not known to be published though
    /// they were committed before this time.
    async fn unpublished(
        &self,
        before: Timestamp,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Uuid>, StoreError>;

    async fn head(&self, id: Uuid) -> Result<Option<Head>, StoreError>;

    /// The aggregate's events from `version` on, those moved out of the document included.
    async fn events_from(&self, id: Uuid, version: u64) -> Result<Vec<Recorded<RawEvent>>, StoreError>;

    /// Notes that all events are published, if the version is still this one.
    async fn mark_published(&self, id: Uuid, version: u64) -> Result<(), StoreError>;

    /// Moves published events out of the document, all but the last `keep`.
    async fn archive(&self, id: Uuid, keep: usize) -> Result<(), StoreError>;

    /// The last events of documents that changed since, in the order of their ids behind `after`.
    async fn changed_since(
        &self,
        since: Option<Timestamp>,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Tail>, StoreError>;
}

/// The event an aggregate ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    /// Of the aggregate.
    pub id: Uuid,
    pub version: u64,
    /// Nil where all events were moved out of the document.
    pub event_id: Uuid,
}

/// Where an aggregate's history ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub version: u64,
    /// How many events stand in the document itself.
    pub held: usize,
}

/// An aggregate as it is now.
#[derive(Clone, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Snapshot<D: Decider> {
    #[serde(rename = "_id")]
    pub id: Uuid,
    pub version: u64,
    pub state: D,
    pub private: D::Private,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// An aggregate as it is now, and what caused it to be so.
#[derive(Clone)]
pub struct Loaded<D: Decider> {
    pub snapshot: Snapshot<D>,
    /// The causes of the events in the document.
    pub causes: Vec<Uuid>,
    pub last_event: Option<Uuid>,
    /// Whether some of its events were moved out of the document.
    pub archived: bool,
}

/// One write to one document.
pub struct Commit<'a, D: Decider> {
    pub id: Uuid,
    /// 0 makes the document.
    pub expected_version: u64,
    pub state: &'a D,
    /// Left as it is, when there is none.
    pub private: Option<&'a D::Private>,
    /// At least one.
    pub events: &'a [Recorded<D::Event>],
    pub at: Timestamp,
}

impl<D: Decider> Commit<'_, D> {
    /// The version after it.
    pub fn version(&self) -> u64 {
        self.expected_version + self.events.len() as u64
    }
}

/// The store could not be asked, or answered nonsense.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    #[error("the document {0} is malformed: {1}")]
    Malformed(String, String),
}

/// Why a commit did not succeed, or may not have.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    #[error("the aggregate has another version")]
    Conflict,
    #[error("another document holds what the unique index {0} guards")]
    Taken(String),
    /// It may have been applied, or may yet be: read again.
    #[error("the outcome is unknown: {0}")]
    Unknown(String),
    #[error("the document cannot be written: {0}")]
    Malformed(String),
}
