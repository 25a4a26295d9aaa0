//! The store in memory: what MongoDB does, without a server.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use contracts::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::query::{at, has};
use crate::store::{Commit, CommitError, EventStore, Head, Loaded, Outbox, Snapshot, StoreError, Tail};
use crate::{Decider, Query, RawEvent, Recorded, Schema};

/// Documents in memory, gone with the process.
pub struct MemoryStore<D> {
    schema: Schema,
    documents: Mutex<BTreeMap<Uuid, Document>>,
    decider: PhantomData<fn() -> D>,
}

/// A document as it was.
pub struct DocumentCopy(Document);

#[derive(Clone)]
struct Document {
    /// The snapshot as MongoDB would hold it, for queries to look at.
    snapshot: Value,
    events: Vec<Recorded<RawEvent>>,
    archived: Vec<Recorded<RawEvent>>,
    unpublished: bool,
}

impl<D: Decider> MemoryStore<D> {
    pub fn new(schema: Schema) -> Self {
        Self { schema, documents: Mutex::default(), decider: PhantomData }
    }

    /// One document as it is now, to be put back later.
    pub fn copy_of(&self, id: Uuid) -> Option<DocumentCopy> {
        self.documents().get(&id).cloned().map(DocumentCopy)
    }

    /// Makes the document what it was, as a server does that is not followed by the others; none is gone.
    pub fn put_back(&self, id: Uuid, copy: Option<DocumentCopy>) {
        match copy {
            Some(DocumentCopy(document)) => self.documents().insert(id, document),
            None => self.documents().remove(&id),
        };
    }

    fn documents(&self) -> MutexGuard<'_, BTreeMap<Uuid, Document>> {
        self.documents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn taken(&self, documents: &BTreeMap<Uuid, Document>, id: Uuid, snapshot: &Value) -> Option<String> {
        let guards = self.schema.unique.iter().find(|unique| {
            let guarded = |document: &Value| {
                unique.when.iter().all(|clause| clause.meets(document))
                    && unique.fields.iter().all(|field| has(document, field))
            };
            let same = |document: &Value| {
                unique.fields.iter().all(|field| at(document, field) == at(snapshot, field))
            };
            let mut others = documents.iter().filter(|(other, _)| **other != id);
            guarded(snapshot) && others.any(|(_, other)| guarded(&other.snapshot) && same(&other.snapshot))
        });
        guards.map(|unique| unique.name.to_owned())
    }
}

fn malformed(id: Uuid, error: &serde_json::Error) -> StoreError {
    StoreError::Malformed(id.to_string(), error.to_string())
}

#[async_trait]
impl<D: Decider> EventStore<D> for MemoryStore<D> {
    async fn load(&self, id: Uuid) -> Result<Option<Loaded<D>>, StoreError> {
        let documents = self.documents();
        let Some(document) = documents.get(&id) else { return Ok(None) };
        let snapshot =
            serde_json::from_value(document.snapshot.clone()).map_err(|error| malformed(id, &error))?;
        let causes = document.events.iter().map(|event| event.cause.causation_id).collect();
        let last_event = document.events.last().map(|event| event.id);
        Ok(Some(Loaded { snapshot, causes, last_event, archived: !document.archived.is_empty() }))
    }

    async fn commit(&self, commit: Commit<'_, D>) -> Result<(), CommitError> {
        let unwritable = |error: serde_json::Error| CommitError::Malformed(error.to_string());
        let mut documents = self.documents();
        let held = documents.get(&commit.id);
        let version = held.map_or(0, |document| document.snapshot["version"].as_u64().unwrap_or(0));
        if version != commit.expected_version {
            return Err(CommitError::Conflict);
        }
        let private = match commit.private {
            Some(private) => serde_json::to_value(private).map_err(unwritable)?,
            None => held.map_or(Value::Null, |document| document.snapshot["private"].clone()),
        };
        let created_at =
            held.map_or(serde_json::json!(commit.at), |document| document.snapshot["created_at"].clone());
        let snapshot = serde_json::json!({
            "_id": commit.id,
            "version": commit.version(),
            "state": serde_json::to_value(commit.state).map_err(unwritable)?,
            "private": private,
            "created_at": created_at,
            "updated_at": commit.at,
        });
        if let Some(index) = self.taken(&documents, commit.id, &snapshot) {
            return Err(CommitError::Taken(index));
        }
        let events: Result<Vec<Recorded<RawEvent>>, _> = commit
            .events
            .iter()
            .map(|event| serde_json::to_value(event).and_then(serde_json::from_value))
            .collect();
        let document = documents.entry(commit.id).or_insert_with(|| Document {
            snapshot: Value::Null,
            events: Vec::new(),
            archived: Vec::new(),
            unpublished: true,
        });
        document.snapshot = snapshot;
        document.events.extend(events.map_err(unwritable)?);
        document.unpublished = true;
        Ok(())
    }

    async fn archived_cause(&self, id: Uuid, causation_id: Uuid) -> Result<bool, StoreError> {
        let documents = self.documents();
        let archived = documents.get(&id).map_or(&[][..], |document| &document.archived);
        Ok(archived.iter().any(|event| event.cause.causation_id == causation_id))
    }

    async fn find(&self, query: &Query) -> Result<Vec<Snapshot<D>>, StoreError> {
        let documents = self.documents();
        let mut found: Vec<_> = documents
            .values()
            .map(|document| &document.snapshot)
            .filter(|snapshot| query.meets(snapshot))
            .collect();
        found.sort_by(|one, other| query.compare(&query.key(one), &query.key(other)));
        found.truncate(query.limit);
        let read = |snapshot: &Value| {
            serde_json::from_value(snapshot.clone())
                .map_err(|error| StoreError::Malformed(snapshot["_id"].to_string(), error.to_string()))
        };
        found.into_iter().map(read).collect()
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        let documents = self.documents();
        let meets =
            |document: &&Document| query.clauses.iter().all(|clause| clause.meets(&document.snapshot));
        Ok(documents.values().filter(meets).count() as u64)
    }
}

#[async_trait]
impl<D: Decider> Outbox for MemoryStore<D> {
    fn category(&self) -> &'static str {
        D::CATEGORY
    }

    async fn unpublished(
        &self,
        before: Timestamp,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Uuid>, StoreError> {
        let before = before.to_string();
        let documents = self.documents();
        let unpublished = documents.iter().filter(|(id, document)| {
            document.unpublished
                && after.is_none_or(|after| **id > after)
                && document.snapshot["updated_at"].as_str().is_some_and(|at| at < before.as_str())
        });
        Ok(unpublished.map(|(id, _)| *id).take(limit).collect())
    }

    async fn head(&self, id: Uuid) -> Result<Option<Head>, StoreError> {
        Ok(self.documents().get(&id).map(|document| Head {
            version: document.snapshot["version"].as_u64().unwrap_or(0),
            held: document.events.len(),
        }))
    }

    async fn events_from(&self, id: Uuid, version: u64) -> Result<Vec<Recorded<RawEvent>>, StoreError> {
        let documents = self.documents();
        let Some(document) = documents.get(&id) else { return Ok(Vec::new()) };
        let events = document.archived.iter().chain(&document.events);
        Ok(events.filter(|event| event.version >= version).cloned().collect())
    }

    async fn mark_published(&self, id: Uuid, version: u64) -> Result<(), StoreError> {
        if let Some(document) = self.documents().get_mut(&id)
            && document.snapshot["version"].as_u64() == Some(version)
        {
            document.unpublished = false;
        }
        Ok(())
    }

    async fn archive(&self, id: Uuid, keep: usize) -> Result<(), StoreError> {
        if let Some(document) = self.documents().get_mut(&id)
            && !document.unpublished
        {
            let surplus = document.events.len().saturating_sub(keep);
            document.archived.extend(document.events.drain(..surplus));
        }
        Ok(())
    }

    async fn changed_since(
        &self,
        since: Option<Timestamp>,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Tail>, StoreError> {
        let since = since.map(|since| since.to_string()).unwrap_or_default();
        let documents = self.documents();
        let changed = documents.iter().filter(|(id, document)| {
            after.is_none_or(|after| **id > after)
                && document.snapshot["updated_at"].as_str().is_some_and(|at| at >= since.as_str())
        });
        let tail = |(id, document): (&Uuid, &Document)| Tail {
            id: *id,
            version: document.snapshot["version"].as_u64().unwrap_or_default(),
            event_id: document.events.last().map(|event| event.id).unwrap_or_default(),
        };
        Ok(changed.map(tail).take(limit).collect())
    }
}
