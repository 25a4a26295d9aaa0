//! Reads the documents of every service as they lie in its own database.

use futures::TryStreamExt as _;
use mongodb::bson::{Document, deserialize_from_document, doc};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::Behind;
use crate::error::{Error, Result};

/// Which service keeps which aggregates.
const KEEPS: [(&str, &[&str]); 4] = [
    ("auth", &["user", "session"]),
    ("tickets", &["ticket", "reservation", "seller"]),
    ("orders", &["order", "buyer"]),
    ("payments", &["payment"]),
];

/// One aggregate.
#[derive(Clone, Debug)]
pub struct Kept {
    pub service: &'static str,
    pub category: &'static str,
    pub id: Uuid,
    pub version: u64,
    pub state: Value,
    pub unpublished: bool,
    /// All of them, those that were moved aside too.
    pub events: Vec<KeptEvent>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct KeptEvent {
    pub id: Uuid,
    pub version: u64,
    #[serde(rename = "type")]
    pub event_type: String,
    pub causation_id: Uuid,
    pub data: Value,
}

#[derive(Deserialize)]
struct Stored {
    #[serde(rename = "_id")]
    id: Uuid,
    version: u64,
    state: Value,
    #[serde(default)]
    unpublished: bool,
    events: Vec<KeptEvent>,
}

#[derive(Deserialize)]
struct MovedAside {
    aggregate: Uuid,
    #[serde(flatten)]
    event: KeptEvent,
}

impl Kept {
    pub fn status(&self) -> &str {
        super::text(&self.state, "status")
    }
}

impl Behind {
    pub async fn kept(&self) -> Result<Vec<Kept>> {
        let mut kept = Vec::new();
        for (service, categories) in KEEPS {
            for category in categories {
                kept.extend(self.kept_in(service, category).await?);
            }
        }
        Ok(kept)
    }

    async fn kept_in(&self, service: &'static str, category: &'static str) -> Result<Vec<Kept>> {
        let moved: Vec<MovedAside> = self.read(service, &format!("{category}_events")).await?;
        let stored: Vec<Stored> = self.read(service, category).await?;
        let whole = stored.into_iter().map(|Stored { id, version, state, unpublished, events }| {
            let first = events.first().map_or(u64::MAX, |event| event.version);
            let aside = moved.iter().filter(|moved| moved.aggregate == id && moved.event.version < first);
            let mut all: Vec<KeptEvent> = aside.map(|moved| moved.event.clone()).collect();
            all.sort_by_key(|event| event.version);
            all.extend(events);
            Kept { service, category, id, version, state, unpublished, events: all }
        });
        Ok(whole.collect())
    }

    pub(super) async fn read<T: serde::de::DeserializeOwned>(
        &self,
        service: &str,
        collection: &str,
    ) -> Result<Vec<T>> {
        let find = self.database(service).collection::<Document>(collection).find(doc! {}).await;
        let found = find.map_err(|error| unreadable(service, &error))?.try_collect::<Vec<_>>().await;
        let found = found.map_err(|error| unreadable(service, &error))?;
        let read = |document| {
            deserialize_from_document(document).map_err(|error| Error::Documents {
                database: service.to_owned(),
                kind: format!("{collection}: {error}"),
            })
        };
        found.into_iter().map(read).collect()
    }
}

pub(super) fn unreadable(database: &str, error: &mongodb::error::Error) -> Error {
    let kind = format!("{:?}", error.kind).chars().take_while(|c| c.is_alphanumeric()).collect();
    Error::Documents { database: database.to_owned(), kind }
}
