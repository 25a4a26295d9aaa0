//! The store in MongoDB: an aggregate is a document, a commit is one journaled write that a majority has.

mod errors;
mod filters;
mod indexes;
mod json;

use std::marker::PhantomData;
use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use contracts::Timestamp;
use futures::TryStreamExt as _;
use mongodb::bson::{Bson, Document, doc};
use mongodb::options::{Acknowledgment, CollectionOptions, ReadConcern, WriteConcern};
use mongodb::{Collection, Database, IndexModel};
use runtime::Runtime;
use serde_json::Value;
use uuid::Uuid;

use crate::query::Query;
use crate::store::{Commit, CommitError, EventStore, Head, Loaded, Outbox, Snapshot, StoreError, Tail};
use crate::{Decider, RawEvent, Recorded, Schema};

use filters::{behind, condition, sign};
use indexes::indexes;
use json::bson_to_json;
pub use json::{document_to_json, json_to_bson};

/// How long the server may take for one operation; after that its outcome is unknown.
const LIMIT: Duration = Duration::from_secs(5);

/// The documents of one category, in a collection that has its name.
pub struct MongoStore<D> {
    database: Database,
    documents: Collection<Document>,
    archive: Collection<Document>,
    /// Whether the server stands alone: known once it was asked.
    alone: OnceLock<bool>,
    schema: Schema,
    runtime: Runtime,
    decider: PhantomData<fn() -> D>,
}

impl<D: Decider> MongoStore<D> {
    /// The collection as it is: [`prepare`](Self::prepare) it before use.
    pub fn new(database: &Database, schema: Schema, runtime: Runtime) -> Self {
        let options = CollectionOptions::builder().read_concern(ReadConcern::majority()).build();
        let archive = format!("{}_events", D::CATEGORY);
        Self {
            database: database.clone(),
            documents: database.collection_with_options(D::CATEGORY, options.clone()),
            archive: database.collection_with_options(&archive, options),
            alone: OnceLock::new(),
            schema,
            runtime,
            decider: PhantomData,
        }
    }

    /// Learns whom it talks to, and makes the indexes that are missing.
    pub async fn prepare(&self) -> Result<(), StoreError> {
        let hello = self.within(self.database.run_command(doc! { "hello": 1 }).into_future()).await?;
        // Asked again, it answers the same.
        let _ = self.alone.set(!hello.contains_key("setName") && !hello.contains_key("msg"));
        self.within(self.documents.create_indexes(indexes(&self.schema)).into_future()).await?;
        let causes = IndexModel::builder().keys(doc! { "aggregate": 1, "causation_id": 1 }).build();
        let versions = IndexModel::builder().keys(doc! { "aggregate": 1, "version": 1 }).build();
        self.within(self.archive.create_indexes([causes, versions]).into_future()).await.map(drop)
    }

    /// The collection, prepared.
    pub async fn open(database: &Database, schema: Schema, runtime: Runtime) -> Result<Self, StoreError> {
        let store = Self::new(database, schema, runtime);
        store.prepare().await.map(|()| store)
    }

    /// Journaled by a majority. A server that stands alone may answer that before its journal is on the disk, and a
    /// kill then takes back what it acknowledged; asked for one journal, its own, it waits.
    fn durable(&self) -> WriteConcern {
        let alone = self.alone.get().copied().unwrap_or(false);
        let who = if alone { Acknowledgment::Nodes(1) } else { Acknowledgment::Majority };
        WriteConcern::builder().w(who).journal(true).build()
    }

    async fn within<T>(
        &self,
        operation: impl Future<Output = Result<T, mongodb::error::Error>>,
    ) -> Result<T, StoreError> {
        match self.runtime.timeout(LIMIT, operation).await {
            Ok(result) => result.map_err(|error| errors::unavailable(&error)),
            Err(_) => {
                Err(StoreError::Unavailable(format!("no answer from MongoDB in {} s", LIMIT.as_secs())))
            }
        }
    }

    /// The ids of the documents that meet the filter, in their order behind `after`.
    async fn ids(
        &self,
        filter: Document,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Uuid>, StoreError> {
        self.page(filter, doc! { "_id": 1 }, after, limit).await?.iter().map(id_of).collect()
    }

    /// These fields of the documents that meet the filter, in the order of their ids behind `after`.
    async fn page(
        &self,
        mut filter: Document,
        fields: Document,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Document>, StoreError> {
        if let Some(after) = after {
            filter.insert("_id", doc! { "$gt": after.to_string() });
        }
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let find = self.documents.find(filter).projection(fields).sort(doc! { "_id": 1 }).limit(limit);
        self.within(async { find.await?.try_collect().await }).await
    }

    async fn write(&self, commit: &Commit<'_, D>) -> Result<(), CommitError> {
        let malformed = |error: String| CommitError::Malformed(error);
        let bson = |value: serde_json::Result<Value>| {
            value.map_err(|error| error.to_string()).and_then(|value| json_to_bson(&value)).map_err(malformed)
        };
        let id = commit.id.to_string();
        let version = i64::try_from(commit.version()).map_err(|error| malformed(error.to_string()))?;
        let at = commit.at.to_string();
        let mut set = doc! { "version": version, "state": bson(serde_json::to_value(commit.state))? };
        set.insert("updated_at", &at);
        set.insert("unpublished", true);
        if let Some(private) = commit.private {
            set.insert("private", bson(serde_json::to_value(private))?);
        }
        let events = bson(serde_json::to_value(commit.events))?;
        if commit.expected_version == 0 {
            let mut document = doc! { "_id": id, "created_at": at, "events": events };
            document.extend(set);
            let insert = self.documents.insert_one(document).write_concern(self.durable());
            return insert.await.map(drop).map_err(|error| errors::of_commit(&error));
        }
        let expected = version - commit.events.len() as i64;
        let update = doc! { "$push": { "events": { "$each": events } }, "$set": set };
        let updated = self
            .documents
            .find_one_and_update(doc! { "_id": id, "version": expected }, update)
            .projection(doc! { "_id": 1 })
            .write_concern(self.durable())
            .await
            .map_err(|error| errors::of_commit(&error))?;
        if updated.is_some() { Ok(()) } else { Err(CommitError::Conflict) }
    }
}

#[async_trait]
impl<D: Decider> EventStore<D> for MongoStore<D> {
    async fn load(&self, id: Uuid) -> Result<Option<Loaded<D>>, StoreError> {
        let fields = doc! {
            "version": 1, "state": 1, "private": 1, "created_at": 1, "updated_at": 1, "events.id": 1,
            "events.causation_id": 1, "archived": 1,
        };
        let find = self.documents.find_one(doc! { "_id": id.to_string() }).projection(fields);
        let Some(document) = self.within(find.into_future()).await? else { return Ok(None) };
        let archived = document.contains_key("archived");
        let held = document.get_array("events").map_or(&[][..], Vec::as_slice);
        let id_in = |event: &Bson, field| event.as_document()?.get_str(field).ok()?.parse().ok();
        let last_event = held.last().and_then(|event| id_in(event, "id"));
        let causes: Option<Vec<Uuid>> = held.iter().map(|event| id_in(event, "causation_id")).collect();
        let causes = causes.ok_or_else(|| errors::malformed(&document, "an event without a cause"))?;
        Ok(Some(Loaded { snapshot: snapshot(document)?, causes, last_event, archived }))
    }

    async fn commit(&self, commit: Commit<'_, D>) -> Result<(), CommitError> {
        match self.runtime.timeout(LIMIT, self.write(&commit)).await {
            Ok(result) => result,
            Err(_) => Err(CommitError::Unknown(format!("no answer from MongoDB in {} s", LIMIT.as_secs()))),
        }
    }

    async fn archived_cause(&self, id: Uuid, causation_id: Uuid) -> Result<bool, StoreError> {
        let cause = doc! { "aggregate": id.to_string(), "causation_id": causation_id.to_string() };
        Ok(self.within(self.archive.find_one(cause).into_future()).await?.is_some())
    }

    async fn find(&self, query: &Query) -> Result<Vec<Snapshot<D>>, StoreError> {
        // For the driver no documents at all would mean all of them.
        if query.limit == 0 {
            return Ok(Vec::new());
        }
        let (field, direction) = query.sort;
        let mut conditions: Vec<_> = query.clauses.iter().map(condition).collect();
        if let Some(cursor) = &query.after {
            conditions.push(behind(cursor, field, direction));
        }
        let filter = if conditions.is_empty() {
            doc! {}
        } else {
            doc! { "$and": conditions }
        };
        let order = sign(direction);
        let find = self
            .documents
            .find(filter)
            .projection(doc! { "events": 0 })
            .sort(doc! { field: order, "_id": order })
            .limit(i64::try_from(query.limit).unwrap_or(i64::MAX));
        let found: Vec<_> = self.within(async { find.await?.try_collect().await }).await?;
        found.into_iter().map(snapshot).collect()
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        let conditions: Vec<_> = query.clauses.iter().map(condition).collect();
        let filter = if conditions.is_empty() {
            doc! {}
        } else {
            doc! { "$and": conditions }
        };
        self.within(self.documents.count_documents(filter).into_future()).await
    }
}

#[async_trait]
impl<D: Decider> Outbox for MongoStore<D> {
    fn category(&self) -> &'static str {
        D::CATEGORY
    }

    async fn unpublished(
        &self,
        before: Timestamp,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Uuid>, StoreError> {
        let filter = doc! { "unpublished": true, "updated_at": { "$lt": before.to_string() } };
        self.ids(filter, after, limit).await
    }

    async fn head(&self, id: Uuid) -> Result<Option<Head>, StoreError> {
        let fields = doc! { "version": 1, "events.version": 1 };
        let find = self.documents.find_one(doc! { "_id": id.to_string() }).projection(fields);
        let Some(document) = self.within(find.into_future()).await? else { return Ok(None) };
        let version = version_of(&document)?;
        Ok(Some(Head { version, held: document.get_array("events").map_or(0, Vec::len) }))
    }

    async fn events_from(&self, id: Uuid, version: u64) -> Result<Vec<Recorded<RawEvent>>, StoreError> {
        let key = id.to_string();
        let find =
            self.documents.find_one(doc! { "_id": &key }).projection(doc! { "events": 1, "archived": 1 });
        let Some(mut document) = self.within(find.into_future()).await? else { return Ok(Vec::new()) };
        let held = match document.remove("events") {
            Some(Bson::Array(events)) => events,
            _ => return Err(errors::malformed(&document, "no events")),
        };
        let mut events = held.iter().map(|event| recorded(&key, event)).collect::<Result<Vec<_>, _>>()?;
        let first = events.first().map_or(u64::MAX, |event| event.version);
        if version < first && document.contains_key("archived") {
            let from = i64::try_from(version).unwrap_or(i64::MAX);
            let find = self
                .archive
                .find(doc! { "aggregate": &key, "version": { "$gte": from } })
                .sort(doc! { "version": 1 });
            let found: Vec<_> = self.within(async { find.await?.try_collect::<Vec<_>>().await }).await?;
            let archived = found.into_iter().map(|event| recorded(&key, &Bson::Document(event)));
            let archived = archived.collect::<Result<Vec<_>, _>>()?;
            events.splice(..0, archived.into_iter().filter(|event| event.version < first));
        }
        events.retain(|event| event.version >= version);
        Ok(events)
    }

    async fn mark_published(&self, id: Uuid, version: u64) -> Result<(), StoreError> {
        let version = i64::try_from(version).unwrap_or(i64::MAX);
        let update = self
            .documents
            .update_one(
                doc! { "_id": id.to_string(), "version": version },
                doc! { "$unset": { "unpublished": "" } },
            )
            // Forgotten in a crash, it is only found again: not worth waiting for the journal.
            .write_concern(WriteConcern::builder().w(Acknowledgment::Nodes(1)).build());
        self.within(update.into_future()).await.map(drop)
    }

    async fn archive(&self, id: Uuid, keep: usize) -> Result<(), StoreError> {
        let key = id.to_string();
        let find = self.documents.find_one(doc! { "_id": &key, "unpublished": { "$exists": false } });
        let Some(document) = self.within(find.projection(doc! { "events": 1 }).into_future()).await? else {
            return Ok(());
        };
        let events = document.get_array("events").map_err(|_| errors::malformed(&document, "no events"))?;
        let surplus = &events[..events.len().saturating_sub(keep)];
        let Some(last) =
            surplus.last().and_then(Bson::as_document).and_then(|event| event.get_i64("version").ok())
        else {
            return Ok(());
        };
        for event in surplus.iter().filter_map(Bson::as_document) {
            let mut event = event.clone();
            event.insert("aggregate", &key);
            let event_id =
                event.get_str("id").map_err(|_| errors::malformed(&document, "an event without an id"))?;
            let replace = self.archive.replace_one(doc! { "_id": event_id }, &event).upsert(true);
            self.within(replace.write_concern(self.durable()).into_future()).await?;
        }
        let pull = doc! {
            "$pull": { "events": { "version": { "$lte": last } } },
            "$set": { "archived": true },
        };
        let update = self.documents.update_one(doc! { "_id": &key }, pull).write_concern(self.durable());
        self.within(update.into_future()).await.map(drop)
    }

    async fn changed_since(
        &self,
        since: Option<Timestamp>,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Tail>, StoreError> {
        let mut filter = doc! {};
        if let Some(since) = since {
            filter.insert("updated_at", doc! { "$gte": since.to_string() });
        }
        let fields = doc! { "_id": 1, "version": 1, "events.id": 1 };
        self.page(filter, fields, after, limit).await?.iter().map(tail_of).collect()
    }
}

fn snapshot<D: Decider>(mut document: Document) -> Result<Snapshot<D>, StoreError> {
    document.remove("events");
    let id = document.get_str("_id").unwrap_or_default().to_owned();
    let read = |value: Value| serde_json::from_value(value).map_err(|error| error.to_string());
    document_to_json(document).and_then(read).map_err(|error| StoreError::Malformed(id, error))
}

fn recorded(aggregate: &str, event: &Bson) -> Result<Recorded<RawEvent>, StoreError> {
    let read = |value: Value| serde_json::from_value(value).map_err(|error| error.to_string());
    bson_to_json(event.clone())
        .and_then(read)
        .map_err(|error| StoreError::Malformed(aggregate.to_owned(), error))
}

fn version_of(document: &Document) -> Result<u64, StoreError> {
    let version = document.get_i64("version").ok().and_then(|version| u64::try_from(version).ok());
    version.ok_or_else(|| errors::malformed(document, "no version"))
}

fn tail_of(document: &Document) -> Result<Tail, StoreError> {
    let held = document.get_array("events").map_or(&[][..], Vec::as_slice);
    let event_id = held.last().and_then(|event| event.as_document()?.get_str("id").ok()?.parse().ok());
    Ok(Tail { id: id_of(document)?, version: version_of(document)?, event_id: event_id.unwrap_or_default() })
}

fn id_of(document: &Document) -> Result<Uuid, StoreError> {
    let id = document.get_str("_id").ok().and_then(|id| id.parse().ok());
    id.ok_or_else(|| errors::malformed(document, "the id is no UUID"))
}
