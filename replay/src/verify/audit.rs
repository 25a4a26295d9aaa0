//! Auth's audit trail against the events that it tells of.

use std::collections::BTreeMap;

use auth::audit::{AuditEntry, Client, KEPT};
use contracts::{Event, Timestamp};
use eventsourcing::document_to_json;
use futures::TryStreamExt as _;
use mongodb::Database;
use mongodb::bson::{Document, doc};
use serde_json::{Value, json};

use super::documents::{Kept, unread};
use super::fault::{Fault, Kind as Wrong};
use super::promises::Waits;
use crate::Failure;
use crate::difference::differences;

/// What is told of last is told within this time.
const SPARE: std::time::Duration = std::time::Duration::from_secs(3_600);

/// What the trail should have, and of which aggregate.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    pub entry: AuditEntry,
    pub category: &'static str,
    aggregate: uuid::Uuid,
}

/// What the events of an account or a session mean to the trail. What is about to be forgotten may be gone already.
pub(super) fn expected(category: &'static str, kept: &Kept, now: Timestamp) -> Vec<Expected> {
    let from = now - KEPT + SPARE;
    let recent = kept.events.iter().map(|event| &event.recorded).filter(|recorded| recorded.at > from);
    let entries = recent.filter_map(|recorded| {
        let event = Event::of_value(category, &recorded.event.event_type, &recorded.event.data).ok()?;
        AuditEntry::of(&event, kept.id, recorded.id, recorded.at, &recorded.cause)
    });
    entries.map(|entry| Expected { entry, category, aggregate: kept.id }).collect()
}

/// Those that the trail does not have, or has otherwise.
pub(super) async fn wrong(
    database: &Database,
    expected: Vec<Expected>,
    waits: Waits,
) -> Result<Vec<(Expected, Fault)>, Failure> {
    if expected.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = expected.iter().map(|expected| expected.entry.id.to_string()).collect();
    let trail = database.collection::<Document>("audit");
    let find = trail.find(doc! { "_id": { "$in": ids } });
    let found: Vec<Document> = async { find.await?.try_collect().await }.await.map_err(unread)?;
    let found: BTreeMap<String, Document> = found
        .into_iter()
        .filter_map(|document| Some((document.get_str("_id").ok()?.to_owned(), document)))
        .collect();
    let faults = expected.into_iter().filter_map(|expected| {
        let fault = fault(&expected, found.get(&expected.entry.id.to_string()), waits)?;
        Some((expected, fault))
    });
    Ok(faults.collect())
}

fn fault(expected: &Expected, found: Option<&Document>, waits: Waits) -> Option<Fault> {
    let Expected { entry, category, aggregate } = expected;
    let told = json!(entry.r#type);
    let told = told.as_str().unwrap_or_default();
    let Some(found) = found else {
        let what =
            format!("the audit trail does not tell {told} of {category} {aggregate}, event {}", entry.id);
        // Whoever hears of it tells it soon.
        let kind = if waits.too_long(entry.at) { Wrong::View } else { Wrong::Waiting };
        return Some(Fault::of(kind, category, *aggregate, what));
    };
    let (is, should) = (shown(found)?, should_be(entry));
    let what =
        format!("the audit trail tells {told} of {category} {aggregate} otherwise than event {}", entry.id);
    (is != should).then(|| Fault::of(Wrong::View, category, *aggregate, what).with(differences(&is, &should)))
}

/// The entry, and what it is found by. Where the request came from no event says.
fn shown(found: &Document) -> Option<Value> {
    let mut entry = document_to_json(found.get_document("entry").cloned().unwrap_or_default()).ok()?;
    if let Value::Object(fields) = &mut entry {
        fields.remove("user_agent");
        fields.remove("ip");
    }
    let text = |name: &str| found.get_str(name).ok();
    let at = found.get_datetime("at").ok().map(|at| Timestamp::from_millis(at.timestamp_millis()));
    Some(json!({ "entry": entry, "type": text("type"), "user_id": text("user_id"), "at": at }))
}

fn should_be(entry: &AuditEntry) -> Value {
    let mut told = json!(AuditEntry { client: Client::default(), ..entry.clone() });
    if let Value::Object(fields) = &mut told {
        fields.remove("user_agent");
        fields.remove("ip");
    }
    json!({ "entry": told, "type": entry.r#type, "user_id": entry.user_id, "at": entry.at })
}
