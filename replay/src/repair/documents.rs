//! The documents of one kind of aggregate as they stand in a service's database, whatever is in them.

use futures::TryStreamExt as _;
use mongodb::bson::{Bson, Document, deserialize_from_bson, doc};
use mongodb::error::{Error, ErrorKind, WriteFailure};
use mongodb::options::{Acknowledgment, CollectionOptions, ReadConcern, WriteConcern};
use mongodb::{Collection, Database};
use serde_json::Value;
use uuid::Uuid;

use eventsourcing::{RawEvent, Recorded};

use crate::Failure;
use crate::kinds::Kind;

/// So many documents are read at once.
pub const PAGE: usize = 200;
const DUPLICATE_KEY: i32 = 11_000;

/// All documents of one kind, and the events that were moved out of them.
#[derive(Clone)]
pub struct Documents {
    pub kind: Kind,
    pub documents: Collection<Document>,
    archive: Collection<Document>,
}

/// One document.
#[derive(Clone, Debug)]
pub struct Kept {
    pub id: Uuid,
    pub version: u64,
    pub state: Value,
    /// The events that stand in the document itself, in order.
    pub held: Vec<Recorded<RawEvent>>,
    /// Whether some of its events were moved out.
    pub is_archived: bool,
    pub is_unpublished: bool,
}

/// A document or a history that nothing can be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// Of the document, as it stands there.
    pub id: String,
    /// Half a sentence.
    pub why: String,
}

impl Documents {
    /// Writes are journaled by a majority, or by the server where it stands alone: as the services do it.
    pub async fn open(database: &Database, kind: Kind) -> Result<Self, Failure> {
        let options = CollectionOptions::builder()
            .read_concern(ReadConcern::majority())
            .write_concern(durable(database).await?)
            .build();
        let named = |name: &str| database.collection_with_options(name, options.clone());
        Ok(Self {
            kind,
            documents: named(kind.category),
            archive: named(&format!("{}_events", kind.category)),
        })
    }

    /// About how many there are.
    pub async fn count(&self) -> Result<u64, Failure> {
        self.documents.estimated_document_count().await.map_err(|error| unavailable(&error))
    }

    /// The next documents in the order of their ids; nothing behind the last.
    pub async fn page(&self, after: Option<&str>) -> Result<Vec<Result<Kept, Unfit>>, Failure> {
        let behind = after.map_or_else(|| doc! {}, |after| doc! { "_id": { "$gt": after } });
        let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
        let found = self.documents.find(behind).sort(doc! { "_id": 1 }).limit(limit).await;
        let found = found.map_err(|error| unavailable(&error))?;
        let found: Vec<_> = found.try_collect().await.map_err(|error| unavailable(&error))?;
        Ok(found.into_iter().map(Kept::read).collect())
    }

    pub async fn one(&self, id: Uuid) -> Result<Option<Result<Kept, Unfit>>, Failure> {
        let found = self.documents.find_one(doc! { "_id": id.to_string() }).await;
        Ok(found.map_err(|error| unavailable(&error))?.map(Kept::read))
    }

    /// Its events, those moved out included, as far as they are there. In order.
    pub async fn events(&self, kept: &Kept) -> Result<Result<Vec<Recorded<RawEvent>>, Unfit>, Failure> {
        let first = kept.held.first().map_or(u64::MAX, |event| event.version);
        if !kept.is_archived || first == 1 {
            return Ok(Ok(kept.held.clone()));
        }
        let id = kept.id.to_string();
        let found = self.archive.find(doc! { "aggregate": &id }).sort(doc! { "version": 1 }).await;
        let found = found.map_err(|error| unavailable(&error))?;
        let found: Vec<_> = found.try_collect().await.map_err(|error| unavailable(&error))?;
        let read: Result<Vec<Recorded<RawEvent>>, _> =
            found.into_iter().map(|event| deserialize_from_bson(Bson::Document(event))).collect();
        Ok(match read {
            Ok(mut events) => {
                events.retain(|event| event.version < first);
                events.extend(kept.held.iter().cloned());
                Ok(events)
            }
            Err(_) => Err(Unfit { id, why: "an event that was moved out of it cannot be read".to_owned() }),
        })
    }
}

impl Kept {
    fn read(mut document: Document) -> Result<Self, Unfit> {
        let id = match document.get("_id") {
            Some(Bson::String(id)) => id.clone(),
            other => other.map_or_else(String::new, Bson::to_string),
        };
        let unfit = |why: &str| Unfit { id: id.clone(), why: why.to_owned() };
        let version = document.get_i64("version").ok().and_then(|version| u64::try_from(version).ok());
        let held = document.remove("events").unwrap_or_default();
        let state = document.remove("state").unwrap_or_default();
        Ok(Self {
            id: id.parse().map_err(|_| unfit("its id is no UUID"))?,
            version: version.ok_or_else(|| unfit("it has no version"))?,
            held: deserialize_from_bson(held).map_err(|_| unfit("its events cannot be read"))?,
            state: deserialize_from_bson(state).map_err(|_| unfit("its state cannot be read"))?,
            is_archived: document.contains_key("archived"),
            is_unpublished: document.contains_key("unpublished"),
        })
    }

    pub fn unfit(&self, why: impl Into<String>) -> Unfit {
        Unfit { id: self.id.to_string(), why: why.into() }
    }
}

/// What the server was told to wait for before it says that something is written.
pub async fn durable(database: &Database) -> Result<WriteConcern, Failure> {
    let hello = database.run_command(doc! { "hello": 1 }).await.map_err(|error| unavailable(&error))?;
    let is_alone = !hello.contains_key("setName") && !hello.contains_key("msg");
    let who = if is_alone { Acknowledgment::Nodes(1) } else { Acknowledgment::Majority };
    Ok(WriteConcern::builder().w(who).journal(true).build())
}

/// Another document has what no two may have.
pub fn is_duplicate(error: &Error) -> bool {
    duplicate(error).is_some()
}

/// There is a document of this id already.
pub fn is_taken_id(error: &Error) -> bool {
    duplicate(error).is_some_and(|message| message.contains("index: _id_ "))
}

fn duplicate(error: &Error) -> Option<&str> {
    let (code, message) = match error.kind.as_ref() {
        ErrorKind::Write(WriteFailure::WriteError(error)) => (error.code, &error.message),
        ErrorKind::Command(error) => (error.code, &error.message),
        _ => return None,
    };
    (code == DUPLICATE_KEY).then_some(message.as_str())
}

/// The driver's own words may show whole documents, and are never shown.
pub fn unavailable(error: &Error) -> Failure {
    let why = match error.kind.as_ref() {
        ErrorKind::Io(error) => format!("was lost: {}", error.kind()),
        ErrorKind::ServerSelection { .. } => "does not answer".to_owned(),
        ErrorKind::Command(error) => format!("refused: {} ({})", error.code_name, error.code),
        ErrorKind::Write(WriteFailure::WriteError(error)) => format!("refused to write: {}", error.code),
        _ => "failed".to_owned(),
    };
    Failure::unreachable("MongoDB", why)
}
