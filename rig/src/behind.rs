//! Looks behind the scenes: at the stream, at each service's own documents, at what is dead-lettered, and at the card
//! processor's ledger. What no service may do, and whoever judges them all has to.

mod documents;
mod letters;
mod stream;

use std::{collections::BTreeMap, sync::OnceLock};

use contracts::Timestamp;
use local_shop::Running;
use serde_json::Value;
use stripe_standin::{Faults, Ledger};
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    listing::now,
};

pub use documents::{Kept, KeptEvent};
pub use stream::{Said, names};

#[derive(Clone)]
pub struct Behind {
    nats_url: String,
    redis_url: String,
    breaking_redis_url: String,
    standin_url: String,
    mongodb: mongodb::Client,
    client: reqwest::Client,
}

/// Everything there is to know about a shop, read part by part.
#[derive(Debug)]
pub struct Books {
    /// In the order of the stream.
    pub said: Vec<Said>,
    /// Every aggregate of every service.
    pub kept: Vec<Kept>,
    /// Each in a sentence.
    pub dead_letters: Vec<String>,
    pub ledger: Ledger,
    /// Before anything was read.
    pub at: Timestamp,
    places: OnceLock<BTreeMap<(&'static str, Uuid), usize>>,
}

impl Behind {
    pub(crate) async fn of(shop: &Running) -> Result<Self> {
        let address = |name: &str| shop.address(name).unwrap_or_default().to_owned();
        let mongodb = mongodb::Client::with_uri_str(address("MONGODB_URL")).await;
        let client = reqwest::Client::builder().no_proxy().build();
        Ok(Self {
            nats_url: address("NATS_URL"),
            redis_url: address("REDIS_URL"),
            breaking_redis_url: address("RIG_REDIS_URL"),
            standin_url: address("STRIPE_API_BASE"),
            mongodb: mongodb.map_err(|error| documents::unreadable("all services", &error))?,
            client: client.map_err(|source| Error::NoAnswer { what: "HTTP".to_owned(), source })?,
        })
    }

    pub async fn books(&self) -> Result<Books> {
        let at = now();
        // The stream first: what stands on it was committed before.
        let said = self.said().await?;
        let kept = self.kept().await?;
        let (dead_letters, ledger) = (self.dead_letters().await?, self.ledger().await?);
        Ok(Books::of_parts(said, kept, dead_letters, ledger, at))
    }

    /// Everything that was said about these aggregates, in order.
    pub async fn story(&self, ids: &[Uuid]) -> Result<Vec<Said>> {
        let mut said = self.said().await?;
        said.retain(|said| ids.contains(&said.id));
        Ok(said)
    }

    /// The database of one service.
    pub fn database(&self, service: &str) -> mongodb::Database {
        self.mongodb.database(service)
    }

    pub async fn ledger(&self) -> Result<Ledger> {
        let url = format!("{}/_standin/ledger", self.standin_url);
        let no_answer = |source| Error::NoAnswer { what: "the ledger".to_owned(), source };
        self.client.get(url).send().await.map_err(no_answer)?.json().await.map_err(no_answer)
    }

    /// Redis forgets everything.
    pub async fn flush_redis(&self) -> Result<()> {
        let client = redis::Client::open(self.breaking_redis_url.as_str())?;
        let mut connection = client.get_multiplexed_async_connection().await?;
        Ok(redis::cmd("FLUSHALL").query_async(&mut connection).await?)
    }

    /// What shall go wrong at the card processor from now on.
    pub async fn set_faults(&self, faults: &Faults) -> Result<()> {
        let url = format!("{}/_standin/faults", self.standin_url);
        let no_answer = |source| Error::NoAnswer { what: "the switch for faults".to_owned(), source };
        let set = self.client.post(url).json(faults).send().await.map_err(no_answer)?;
        set.error_for_status().map(drop).map_err(no_answer)
    }
}

impl Books {
    pub(crate) fn of_parts(
        said: Vec<Said>,
        kept: Vec<Kept>,
        dead_letters: Vec<String>,
        ledger: Ledger,
        at: Timestamp,
    ) -> Self {
        Self { said, kept, dead_letters, ledger, at, places: OnceLock::new() }
    }

    pub fn of(&self, category: &str) -> impl Iterator<Item = &Kept> {
        self.kept.iter().filter(move |kept| kept.category == category)
    }

    pub fn find(&self, category: &str, id: Uuid) -> Option<&Kept> {
        let places: &BTreeMap<(&str, Uuid), usize> = self.places.get_or_init(|| {
            let places = self.kept.iter().enumerate();
            places.map(|(place, kept)| ((kept.category, kept.id), place)).collect()
        });
        places.get(&(category, id)).and_then(|place| self.kept.get(*place))
    }
}

/// A text at this path of a document's state.
pub(crate) fn text<'state>(state: &'state Value, field: &str) -> &'state str {
    state[field].as_str().unwrap_or_default()
}
