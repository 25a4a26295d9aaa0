//! What happened in the shop, for admins.

use contracts::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::asking::To;
use super::{Asking, Failure, List};

/// One event on the stream.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Entry {
    /// Its place on the stream.
    pub sequence: u64,
    /// The kind of aggregate: `order`.
    pub aggregate: String,
    pub aggregate_id: Uuid,
    /// Who said it; nothing where nobody is known to.
    pub service: Option<String>,
    pub event_id: Uuid,
    pub r#type: String,
    /// The aggregate's, after it.
    pub version: u64,
    pub data: Value,
    pub at: Timestamp,
    /// The request that everything began with.
    pub correlation_id: Uuid,
    /// The event or request that caused it.
    pub causation_id: Uuid,
    /// `user:<id>` or `service:<name>`.
    pub actor: String,
    pub traceparent: Option<String>,
}

/// What happened in one matter, causes before what they caused.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Story {
    /// What the id is of: a kind of aggregate, or `request`.
    pub kind: String,
    pub events: Vec<Told>,
    /// False where there is more than is told.
    pub is_whole: bool,
}

/// One event of a story.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Told {
    #[serde(flatten)]
    pub entry: Entry,
    /// Where its cause stands in the story, from 0 on, if it is part of it.
    pub cause: Option<usize>,
}

/// Which events; what is empty is not asked for.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct EventSearch {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub aggregate: String,
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    pub kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cursor: String,
    pub limit: u8,
}

impl Asking<'_> {
    /// The newest first.
    pub(crate) async fn events(self, search: &EventSearch) -> Result<List<Entry>, Failure> {
        let query = serde_urlencoded::to_string(search).unwrap_or_default();
        self.get(To::Events, &format!("/api/events?{query}")).read().await
    }

    pub(crate) async fn story(self, id: Uuid) -> Result<Story, Failure> {
        self.get(To::Events, &format!("/api/events/story/{id}")).read().await
    }
}
