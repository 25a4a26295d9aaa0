//! The store in memory: what MongoDB does, without a server.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use async_trait::async_trait;
use contracts::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::query::{at, has};
use crate::store::{Commit, CommitError, EventStore, Head, Loaded, Outbox, Snapshot, StoreError, Tail};
use crate::{Decider, Query, RawEvent, Recorded, Schema};

/// Documents in memory, gone with the process.
pub struct MemoryStore<D: Decider> {
    schema: Schema,
    documents: Mutex<Documents<D>>,
}

type Documents<D> = BTreeMap<Uuid, Document<D>>;

/// All documents as they were.
pub struct StoreCopy<D: Decider>(Documents<D>);

/// A document as it was.
pub struct DocumentCopy<D: Decider>(Document<D>);

#[derive(Clone)]
struct Document<D: Decider> {
    snapshot: Snapshot<D>,
    /// The snapshot as MongoDB would hold it, made when a query first looks at it.
    written: OnceLock<Value>,
    events: Vec<Recorded<D::Event>>,
    archived: Vec<Recorded<D::Event>>,
    unpublished: bool,
}

impl<D: Decider> Document<D> {
    fn new(snapshot: Snapshot<D>) -> Self {
        let written = OnceLock::new();
        Self { snapshot, written, events: Vec::new(), archived: Vec::new(), unpublished: true }
    }

    fn written(&self) -> &Value {
        // What cannot be written meets no condition.
        self.written.get_or_init(|| serde_json::to_value(&self.snapshot).unwrap_or_default())
    }
}

impl<D: Decider> MemoryStore<D> {
    pub fn new(schema: Schema) -> Self {
        Self { schema, documents: Mutex::default() }
    }

    /// One document as it is now, to be put back later.
    pub fn copy_of(&self, id: Uuid) -> Option<DocumentCopy<D>> {
        self.documents().get(&id).cloned().map(DocumentCopy)
    }

    /// Makes the document what it was, as a server does that is not followed by the others; none is gone.
    pub fn put_back(&self, id: Uuid, copy: Option<DocumentCopy<D>>) {
        match copy {
            Some(DocumentCopy(document)) => self.documents().insert(id, document),
            None => self.documents().remove(&id),
        };
    }

    /// All documents as they are now, to be put back later.
    pub fn copy(&self) -> StoreCopy<D> {
        StoreCopy(self.documents().clone())
    }

    /// Makes the documents what they were, as somebody does who restores an older backup.
    pub fn put_all_back(&self, copy: &StoreCopy<D>) {
        *self.documents() = copy.0.clone();
    }

    fn documents(&self) -> MutexGuard<'_, Documents<D>> {
        self.documents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn taken(&self, documents: &Documents<D>, document: &Document<D>) -> Option<String> {
        let id = document.snapshot.id;
        let guards = self.schema.unique.iter().find(|unique| {
            let guarded = |document: &Value| {
                unique.when.iter().all(|clause| clause.meets(document))
                    && unique.fields.iter().all(|field| has(document, field))
            };
            let same = |other: &Value| {
                unique.fields.iter().all(|field| at(other, field) == at(document.written(), field))
            };
            let mut others = documents.iter().filter(|(other, _)| **other != id);
            guarded(document.written())
                && others.any(|(_, other)| guarded(other.written()) && same(other.written()))
        });
        guards.map(|unique| unique.name.to_owned())
    }
}

impl<D: Decider> StoreCopy<D> {
    /// The version of each document.
    pub fn versions(&self) -> impl Iterator<Item = (Uuid, u64)> {
        self.0.iter().map(|(id, document)| (*id, document.snapshot.version))
    }
}

#[async_trait]
impl<D: Decider> EventStore<D> for MemoryStore<D> {
    async fn load(&self, id: Uuid) -> Result<Option<Loaded<D>>, StoreError> {
        let documents = self.documents();
        let loaded = documents.get(&id).map(|document| Loaded {
            snapshot: document.snapshot.clone(),
            causes: document.events.iter().map(|event| event.cause.causation_id).collect(),
            last_event: document.events.last().map(|event| event.id),
            archived: !document.archived.is_empty(),
        });
        Ok(loaded)
    }

    async fn commit(&self, commit: Commit<'_, D>) -> Result<(), CommitError> {
        let mut documents = self.documents();
        let held = documents.get(&commit.id);
        if held.map_or(0, |document| document.snapshot.version) != commit.expected_version {
            return Err(CommitError::Conflict);
        }
        let private = commit.private.or(held.map(|document| &document.snapshot.private));
        let snapshot = Snapshot {
            id: commit.id,
            version: commit.version(),
            state: commit.state.clone(),
            private: private.cloned().unwrap_or_default(),
            created_at: held.map_or(commit.at, |document| document.snapshot.created_at),
            updated_at: commit.at,
        };
        let mut document = Document::new(snapshot);
        if let Some(index) = self.taken(&documents, &document) {
            return Err(CommitError::Taken(index));
        }
        if let Some(held) = documents.remove(&commit.id) {
            (document.events, document.archived) = (held.events, held.archived);
        }
        document.events.extend_from_slice(commit.events);
        documents.insert(commit.id, document);
        Ok(())
    }

    async fn archived_cause(&self, id: Uuid, causation_id: Uuid) -> Result<bool, StoreError> {
        let documents = self.documents();
        let archived = documents.get(&id).map_or(&[][..], |document| &document.archived);
        Ok(archived.iter().any(|event| event.cause.causation_id == causation_id))
    }

    async fn find(&self, query: &Query) -> Result<Vec<Snapshot<D>>, StoreError> {
        let documents = self.documents();
        let mut found: Vec<_> =
            documents.values().filter(|document| query.meets(document.written())).collect();
        found.sort_by(|one, other| query.compare(&query.key(one.written()), &query.key(other.written())));
        Ok(found.into_iter().take(query.limit).map(|document| document.snapshot.clone()).collect())
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        let documents = self.documents();
        let meets =
            |document: &&Document<D>| query.clauses.iter().all(|clause| clause.meets(document.written()));
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
        let documents = self.documents();
        let unpublished = documents.iter().filter(|(id, document)| {
            document.unpublished
                && after.is_none_or(|after| **id > after)
                && document.snapshot.updated_at < before
        });
        Ok(unpublished.map(|(id, _)| *id).take(limit).collect())
    }

    async fn head(&self, id: Uuid) -> Result<Option<Head>, StoreError> {
        Ok(self
            .documents()
            .get(&id)
            .map(|document| Head { version: document.snapshot.version, held: document.events.len() }))
    }

    async fn events_from(&self, id: Uuid, version: u64) -> Result<Vec<Recorded<RawEvent>>, StoreError> {
        let documents = self.documents();
        let Some(document) = documents.get(&id) else { return Ok(Vec::new()) };
        let events = document.archived.iter().chain(&document.events);
        let raw = |event: &Recorded<D::Event>| {
            event.raw().map_err(|error| StoreError::Malformed(id.to_string(), error.to_string()))
        };
        events.filter(|event| event.version >= version).map(raw).collect()
    }

    async fn mark_published(&self, id: Uuid, version: u64) -> Result<(), StoreError> {
        if let Some(document) = self.documents().get_mut(&id)
            && document.snapshot.version == version
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
        let documents = self.documents();
        let changed = documents.iter().filter(|(id, document)| {
            after.is_none_or(|after| **id > after)
                && since.is_none_or(|since| document.snapshot.updated_at >= since)
        });
        let tail = |(id, document): (&Uuid, &Document<D>)| Tail {
            id: *id,
            version: document.snapshot.version,
            event_id: document.events.last().map(|event| event.id).unwrap_or_default(),
        };
        Ok(changed.map(tail).take(limit).collect())
    }
}
