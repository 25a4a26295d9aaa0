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
    pub sequence: u64,
    /// The service that said it.
    pub speaker: String,
    /// The kind of aggregate: `order`.
    pub category: String,
    pub aggregate_id: Uuid,
    pub id: Uuid,
    pub r#type: String,
    pub version: u64,
    pub at: Timestamp,
    pub data: Value,
    pub correlation_id: Uuid,
    pub causation_id: Uuid,
    pub actor: Option<String>,
    pub traceparent: Option<String>,
}

/// All events of one matter, causes before what they caused.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Story {
    pub entries: Vec<Told>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Told {
    #[serde(flatten)]
    pub entry: Entry,
    /// Where its cause stands in the story, if it is part of it.
    pub cause: Option<usize>,
}

/// Which events; what is empty is not asked for.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct EventSearch {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub aggregate: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    pub kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub correlation: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cursor: String,
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
