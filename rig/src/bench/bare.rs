//! What a reservation cannot do without: three journaled writes and two acknowledged publishes, one after the other,
//! by the same drivers.

use std::time::{Duration, Instant};

use async_nats::jetstream::{self, context::Context, stream};
use contracts::catalogue::catalogue;
use messaging::known_as;
use mongodb::bson::{Document, doc};
use mongodb::options::{CollectionOptions, WriteConcern};
use mongodb::{Client, Collection};
use privileges::RIG;
use uuid::Uuid;

use crate::{Error, Result, Shop};

const SUBJECT: &str = "bench.reserve";

pub(super) struct Bare {
    documents: Collection<Document>,
    context: Context,
    /// About as much as an event says.
    payload: String,
}

impl Bare {
    pub(super) async fn open(shop: &Shop) -> Result<Self> {
        let address = |name: &str| shop.processes().address(name).unwrap_or_default().to_owned();
        let client = Client::with_uri_str(address("MONGODB_URL")).await.map_err(measuring)?;
        let journaled =
            WriteConcern::builder().w(mongodb::options::Acknowledgment::Nodes(1)).journal(true).build();
        let options = CollectionOptions::builder().write_concern(journaled).build();
        let documents = client.database("bench").collection_with_options("bare", options);
        let url = address("RIG_NATS_URL");
        let options = known_as(RIG, &url).map_err(measuring)?;
        let nats = options.connect(url).await.map_err(measuring)?;
        let context = jetstream::new(nats);
        let config = stream::Config {
            name: "BENCH".to_owned(),
            subjects: vec![SUBJECT.to_owned()],
            ..stream::Config::default()
        };
        context.create_stream(config).await.map_err(measuring)?;
        let example = catalogue().into_iter().find(|entry| entry.example.event_type() == "TicketReserved");
        let payload = example.map(|entry| format!("{:?}", entry.example)).unwrap_or_default();
        Ok(Self { documents, context, payload })
    }

    /// How long it took.
    pub(super) async fn once(&self) -> Result<Duration> {
        let id = Uuid::new_v4().to_string();
        let event = doc! { "id": &id, "data": &self.payload };
        let begun_at = Instant::now();
        let document =
            doc! { "_id": &id, "version": 1, "state": { "status": "one" }, "events": [event.clone()] };
        self.documents.insert_one(document).await.map_err(measuring)?;
        self.publish().await?;
        self.update(&id, 1, &event).await?;
        self.publish().await?;
        self.update(&id, 2, &event).await?;
        Ok(begun_at.elapsed())
    }

    async fn update(&self, id: &str, version: i32, event: &Document) -> Result<()> {
        let change = doc! {
            "$set": { "version": version + 1, "state": { "status": "another" } },
            "$push": { "events": { "$each": [event.clone()] } },
        };
        let held = doc! { "_id": id, "version": version };
        let update = self.documents.find_one_and_update(held, change).projection(doc! { "_id": 1 });
        update
            .await
            .map_err(measuring)?
            .map(drop)
            .ok_or_else(|| Error::Measuring("a document is lost".to_owned()))
    }

    async fn publish(&self) -> Result<()> {
        let sent = self.context.publish(SUBJECT, self.payload.clone().into()).await.map_err(measuring)?;
        sent.await.map(drop).map_err(measuring)
    }
}

fn measuring(error: impl std::fmt::Display) -> Error {
    Error::Measuring(error.to_string())
}
