//! An event as admins see it: what the list says and no other header, whatever stands on the stream.

use contracts::Timestamp;
use history::{Entry, Story, Told};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// One event, where it stands, and what it came of.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventResource {
    /// Its place on the stream.
    pub sequence: u64,
    /// When the stream had it.
    #[schema(value_type = String, format = DateTime)]
    pub stored_at: Timestamp,
    /// The kind of aggregate, such as `order`.
    pub aggregate: String,
    pub aggregate_id: Uuid,
    /// Who said it; null where nobody is known to.
    pub service: Option<&'static str>,
    pub event_id: Uuid,
    pub r#type: String,
    /// The aggregate's version after it.
    pub version: u64,
    /// Of its type's own form.
    #[schema(value_type = Object)]
    pub data: Value,
    /// When it was said.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The request that everything began with.
    pub correlation_id: Uuid,
    /// The event or request that caused it.
    pub causation_id: Uuid,
    /// On whose behalf: `user:<id>` or `service:<name>`.
    #[schema(example = "service:orders")]
    pub actor: String,
    /// The trace it belongs to, as W3C Trace Context writes it.
    pub traceparent: Option<String>,
}

/// What happened in one matter, over all services.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Story)]
pub struct StoryResource {
    pub id: Uuid,
    /// What the id is of: a kind of aggregate, or `request`.
    #[schema(example = "order")]
    pub kind: String,
    /// Each behind its cause.
    pub events: Vec<ToldResource>,
    /// False where there is more than is told here.
    pub is_whole: bool,
}

/// One event of a story.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Told)]
pub struct ToldResource {
    #[serde(flatten)]
    pub event: EventResource,
    /// Where in the story the event stands that caused it, from 0 on; null where that is no part of it.
    pub cause: Option<usize>,
}

impl From<&Entry> for EventResource {
    fn from(entry: &Entry) -> Self {
        let entry = entry.clone();
        Self {
            sequence: entry.sequence,
            stored_at: entry.stored_at,
            aggregate: entry.category,
            aggregate_id: entry.aggregate_id,
            service: entry.service,
            event_id: entry.event_id,
            r#type: entry.event_type,
            version: entry.version,
            data: entry.data,
            at: entry.at,
            correlation_id: entry.correlation_id,
            causation_id: entry.causation_id,
            actor: entry.actor.to_string(),
            traceparent: entry.traceparent,
        }
    }
}

impl StoryResource {
    pub(crate) fn of(id: Uuid, story: &Story) -> Self {
        let told = |Told { entry, cause }: &Told| ToldResource { event: entry.into(), cause: *cause };
        let events = story.told.iter().map(told).collect();
        Self { id, kind: story.kind.clone(), events, is_whole: story.is_whole }
    }
}
