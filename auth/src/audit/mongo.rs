//! The audit trail in auth's own database, in the collection `audit`, which forgets by itself what is too old.

use std::time::Duration;

use async_trait::async_trait;
use contracts::Timestamp;
use eventsourcing::{StoreError, json_to_bson};
use futures::TryStreamExt as _;
use mongodb::bson::{Bson, DateTime, Document, doc};
use mongodb::options::{CollectionOptions, IndexOptions, WriteConcern};
use mongodb::{Collection, Database, IndexModel};
use runtime::Runtime;

use super::{AuditEntry, AuditTrail, KEPT, Search};

/// How long the server may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Documents of an entry, and beside it what it is found by.
pub struct MongoAuditTrail {
    entries: Collection<Document>,
    runtime: Runtime,
}

impl MongoAuditTrail {
    /// The collection as it is: [`prepare`](Self::prepare) it before use.
    pub fn new(database: &Database, runtime: Runtime) -> Self {
        let journaled = WriteConcern::builder().journal(true).build();
        let options = CollectionOptions::builder().write_concern(journaled).build();
        Self { entries: database.collection_with_options("audit", options), runtime }
    }

    /// Makes the indexes that are missing.
    pub async fn prepare(&self) -> Result<(), StoreError> {
        let index = |name: &str, keys: Document| {
            let options = IndexOptions::builder().name(name.to_owned()).build();
            IndexModel::builder().keys(keys).options(options).build()
        };
        let forgotten = IndexOptions::builder().name("forgotten".to_owned()).expire_after(KEPT).build();
        let indexes = [
            IndexModel::builder().keys(doc! { "at": 1 }).options(forgotten).build(),
            index("newest", doc! { "at": -1, "_id": -1 }),
            index("user", doc! { "user_id": 1, "at": -1, "_id": -1 }),
            index("type", doc! { "type": 1, "at": -1, "_id": -1 }),
        ];
        self.within(self.entries.create_indexes(indexes).into_future()).await.map(drop)
    }

    async fn within<T>(
        &self,
        operation: impl Future<Output = Result<T, mongodb::error::Error>>,
    ) -> Result<T, StoreError> {
        // What the driver says may show what was to be written.
        match self.runtime.timeout(LIMIT, operation).await {
            Ok(result) => result.map_err(|_| StoreError::Unavailable("MongoDB failed".to_owned())),
            Err(_) => Err(StoreError::Unavailable(format!("no answer in {} s", LIMIT.as_secs()))),
        }
    }
}

#[async_trait]
impl AuditTrail for MongoAuditTrail {
    async fn keep(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        let fields = fields(entry)?;
        let update = if entry.is_bare() {
            doc! { "$setOnInsert": fields }
        } else {
            doc! { "$set": fields }
        };
        let update = self.entries.update_one(doc! { "_id": entry.id.to_string() }, update).upsert(true);
        self.within(update.into_future()).await.map(drop)
    }

    async fn find(&self, search: &Search) -> Result<Vec<AuditEntry>, StoreError> {
        let mut conditions = vec![doc! { "at": { "$gte": date(search.from) } }];
        conditions.extend(search.user.map(|user| doc! { "user_id": user.to_string() }));
        if let Some(r#type) = search.r#type {
            conditions.push(doc! { "type": bson(&r#type)? });
        }
        if let Some((at, id)) = search.after {
            let at = date(at);
            let beyond = doc! { "at": at, "_id": { "$lt": id.to_string() } };
            conditions.push(doc! { "$or": [{ "at": { "$lt": at } }, beyond] });
        }
        let find = self
            .entries
            .find(doc! { "$and": conditions })
            .sort(doc! { "at": -1, "_id": -1 })
            .limit(i64::try_from(search.limit).unwrap_or(i64::MAX));
        let found: Vec<_> = self.within(async { find.await?.try_collect().await }).await?;
        found.into_iter().map(entry).collect()
    }
}

fn fields(entry: &AuditEntry) -> Result<Document, StoreError> {
    Ok(doc! {
        "at": date(entry.at),
        "user_id": bson(&entry.user_id)?,
        "type": bson(&entry.r#type)?,
        "entry": bson(entry)?,
    })
}

fn bson(value: &impl serde::Serialize) -> Result<Bson, StoreError> {
    let malformed = |why: String| StoreError::Malformed("an audit entry".to_owned(), why);
    let json = serde_json::to_value(value).map_err(|error| malformed(error.to_string()))?;
    json_to_bson(&json).map_err(malformed)
}

fn entry(mut document: Document) -> Result<AuditEntry, StoreError> {
    let id = document.get_str("_id").unwrap_or_default().to_owned();
    let entry = document.remove("entry").unwrap_or_default();
    mongodb::bson::deserialize_from_bson(entry).map_err(|error| StoreError::Malformed(id, error.to_string()))
}

fn date(time: Timestamp) -> DateTime {
    DateTime::from_millis(time.as_millis())
}
