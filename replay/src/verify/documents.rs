//! The documents of a service as they lie in its database, a page at a time.

use contracts::Timestamp;
use eventsourcing::{RawEvent, Recorded, document_to_json};
use futures::TryStreamExt as _;
use mongodb::bson::{Bson, Document, doc};
use mongodb::options::{CollectionOptions, ReadConcern};
use mongodb::{Collection, Database};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::told::Range;
use crate::Failure;
use crate::kinds::Kind;

pub(super) const PAGE: i64 = 250;

/// A document, and where the events that were moved out of it lie.
#[derive(Clone)]
pub(super) struct Shelf {
    pub kind: Kind,
    documents: Collection<Document>,
    archive: Collection<Document>,
}

/// An aggregate as it is kept. What is private is not even read.
#[derive(Debug)]
pub(super) struct Kept {
    pub id: Uuid,
    pub version: u64,
    pub state: Value,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub is_unpublished: bool,
    /// What was moved aside first, then what the document holds.
    pub events: Vec<KeptEvent>,
}

#[derive(Debug)]
pub(super) struct KeptEvent {
    pub recorded: Recorded<RawEvent>,
    pub is_archived: bool,
}

#[derive(Deserialize)]
struct Written {
    version: u64,
    state: Value,
    created_at: Timestamp,
    updated_at: Timestamp,
    #[serde(default)]
    unpublished: bool,
    #[serde(default)]
    archived: bool,
    events: Vec<Recorded<RawEvent>>,
}

impl Shelf {
    pub(super) fn new(database: &Database, kind: Kind) -> Self {
        let options = CollectionOptions::builder().read_concern(ReadConcern::majority()).build();
        let archive = format!("{}_events", kind.category);
        Self {
            kind,
            documents: database.collection_with_options(kind.category, options.clone()),
            archive: database.collection_with_options(&archive, options),
        }
    }

    /// How many there are, roughly.
    pub(super) async fn count(&self) -> Result<u64, Failure> {
        self.documents.estimated_document_count().await.map_err(unread)
    }

    /// By their ids, as they are; `after` is the last one of the page before.
    pub(super) async fn page(&self, range: Range, after: Option<&str>) -> Result<Vec<Document>, Failure> {
        let mut bounds = Document::new();
        if let Some(after) = after.map(str::to_owned).or(range.after.map(|after| after.to_string())) {
            bounds.insert("$gt", after);
        }
        if let Some(until) = range.until {
            bounds.insert("$lte", until.to_string());
        }
        let filter = if bounds.is_empty() {
            doc! {}
        } else {
            doc! { "_id": bounds }
        };
        let find = self.documents.find(filter).projection(doc! { "private": 0 });
        let find = find.sort(doc! { "_id": 1 }).limit(PAGE);
        async { find.await?.try_collect().await }.await.map_err(unread)
    }

    /// These fields of the documents with these ids.
    pub(super) async fn fields_of(
        &self,
        ids: Vec<String>,
        fields: Document,
    ) -> Result<Vec<Document>, Failure> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let find = self.documents.find(doc! { "_id": { "$in": ids } }).projection(fields);
        async { find.await?.try_collect().await }.await.map_err(unread)
    }

    /// As it is now; none where there is no such document.
    pub(super) async fn load(&self, id: Uuid) -> Result<Option<Result<Kept, String>>, Failure> {
        let find = self.documents.find_one(doc! { "_id": id.to_string() }).projection(doc! { "private": 0 });
        match find.await.map_err(unread)? {
            Some(document) => self.read(document).await.map(Some),
            None => Ok(None),
        }
    }

    /// With what was moved aside. Inside it fails for what is no document of ours, with the reason.
    pub(super) async fn read(&self, document: Document) -> Result<Result<Kept, String>, Failure> {
        let id = match document.get_str("_id").ok().and_then(|id| id.parse::<Uuid>().ok()) {
            Some(id) => id,
            None => return Ok(Err("its id is no UUID".to_owned())),
        };
        let written: Result<Written, String> = document_to_json(document)
            .and_then(|json| serde_json::from_value(json).map_err(|e| e.to_string()));
        let written = match written {
            Ok(written) => written,
            Err(why) => return Ok(Err(why)),
        };
        let first = written.events.first().map_or(u64::MAX, |event| event.version);
        let mut events = Vec::new();
        if written.archived || first > 1 {
            for moved in self.moved(id).await? {
                match moved {
                    // A crash leaves in the document what was copied already.
                    Ok(moved) if moved.version >= first => {}
                    Ok(moved) => events.push(KeptEvent { recorded: moved, is_archived: true }),
                    Err(why) => return Ok(Err(format!("an event that was moved aside: {why}"))),
                }
            }
        }
        let held = written.events.into_iter();
        events.extend(held.map(|recorded| KeptEvent { recorded, is_archived: false }));
        Ok(Ok(Kept {
            id,
            version: written.version,
            state: written.state,
            created_at: written.created_at,
            updated_at: written.updated_at,
            is_unpublished: written.unpublished,
            events,
        }))
    }

    async fn moved(&self, id: Uuid) -> Result<Vec<Result<Recorded<RawEvent>, String>>, Failure> {
        let find = self.archive.find(doc! { "aggregate": id.to_string() }).sort(doc! { "version": 1 });
        let found: Vec<Document> = async { find.await?.try_collect().await }.await.map_err(unread)?;
        let read = |document| {
            document_to_json(document)
                .and_then(|json| serde_json::from_value(json).map_err(|e| e.to_string()))
        };
        Ok(found.into_iter().map(read).collect())
    }

    /// Of which aggregates events were moved aside, and the version of each event, by the ids of the events.
    pub(super) async fn moved_page(&self, after: Option<&Bson>) -> Result<Vec<Document>, Failure> {
        let filter = after.map_or_else(|| doc! {}, |after| doc! { "_id": { "$gt": after.clone() } });
        let find = self.archive.find(filter).projection(doc! { "aggregate": 1, "version": 1 });
        let find = find.sort(doc! { "_id": 1 }).limit(4 * PAGE);
        async { find.await?.try_collect().await }.await.map_err(unread)
    }
}

/// The driver's own words may show whole documents.
pub(super) fn unread(_: mongodb::error::Error) -> Failure {
    Failure::unreachable("MongoDB", "could not be read")
}
