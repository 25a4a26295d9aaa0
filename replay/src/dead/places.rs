//! Where each service keeps its dead letters, and where it is noted who had them in hand.

use contracts::Timestamp;
use expiration::RedisTimers;
use messaging::{DeadLetter, Discarded, MongoDeadLetters, TendedLetters};
use mongodb::Database;
use runtime::Runtime;
use serde_json::json;
use uuid::Uuid;

use crate::Failure;
use crate::commands::Servers;
use crate::repair::Repair;
use crate::stores::DATABASES;

/// Who may have dead letters.
pub(super) const SERVICES: [&str; 5] = ["auth", "tickets", "orders", "payments", EXPIRATION];
/// The one without a database.
const EXPIRATION: &str = "expiration";

/// One service's.
pub(super) struct Place {
    pub(super) service: &'static str,
    letters: Box<dyn TendedLetters>,
    book: Book,
}

/// Where notes are written.
enum Book {
    Database(Database),
    Redis(Box<RedisTimers>),
}

/// A note that was begun.
pub(super) enum Note {
    Database(Repair),
    Redis { timers: Box<RedisTimers>, id: Uuid, runtime: Runtime },
}

impl Place {
    pub(super) async fn open(servers: &Servers, service: &str) -> Result<Self, Failure> {
        let known = SERVICES.into_iter().find(|known| *known == service);
        let service = known.ok_or_else(|| Failure::NotThere(format!("no service is called {service}")))?;
        if service == EXPIRATION {
            let Some(url) = &servers.redis_url else {
                return Err(Failure::BadInput(
                    "where the dead letters of expiration are has to be said: set REDIS_URL".to_owned(),
                ));
            };
            let timers = RedisTimers::connect(url)
                .map_err(|_| Failure::BadInput("REDIS_URL is no address of a server".to_owned()))?;
            // Of a server that is away nothing shows before it is asked.
            timers.ping().await.map_err(|_| Failure::unreachable("Redis", "does not answer"))?;
            return Ok(Self { service, letters: Box::new(timers.clone()), book: Book::Redis(timers.into()) });
        }
        let stores = servers.stores.open_some(&[service]).await?;
        let database = stores.of(service).cloned();
        let database = database
            .ok_or_else(|| Failure::NotThere(format!("{service} has no database: {DATABASES:?} have")))?;
        let letters = Box::new(MongoDeadLetters::new(&database));
        Ok(Self { service, letters, book: Book::Database(database) })
    }

    pub(super) async fn all(&self) -> Result<Vec<DeadLetter>, Failure> {
        self.letters.all().await.map_err(|error| self.failed(error))
    }

    pub(super) async fn find(&self, id: &str) -> Result<DeadLetter, Failure> {
        let found = self.letters.find(id).await.map_err(|error| self.failed(error))?;
        found.ok_or_else(|| Failure::NotThere(format!("{} has no dead letter {id}", self.service)))
    }

    pub(super) async fn replace(&self, before: &DeadLetter, after: &DeadLetter) -> Result<bool, Failure> {
        self.letters.replace(before, after).await.map_err(|error| self.failed(error))
    }

    pub(super) async fn discard(&self, discarded: &Discarded) -> Result<bool, Failure> {
        self.letters.discard(discarded).await.map_err(|error| self.failed(error))
    }

    /// Before anything is written.
    pub(super) async fn begin(
        &self,
        runtime: &Runtime,
        by: &str,
        command: &str,
        arguments: &str,
    ) -> Result<Note, Failure> {
        match &self.book {
            Book::Database(database) => {
                Repair::begin(database, runtime, by, command, arguments).await.map(Note::Database)
            }
            Book::Redis(timers) => {
                let (id, began_at): (Uuid, Timestamp) = (runtime.new_id(), runtime.now());
                let note = json!({
                    "id": id, "by": by, "command": command, "arguments": arguments, "began_at": began_at,
                });
                timers.note_repair(&note.to_string()).await.map_err(|_| not_noted("so nothing was"))?;
                Ok(Note::Redis { timers: timers.clone(), id, runtime: runtime.clone() })
            }
        }
    }

    fn failed(&self, error: eventsourcing::StoreError) -> Failure {
        match error {
            eventsourcing::StoreError::Unavailable(why) => Failure::unreachable(
                format!("the place of {}'s dead letters", self.service),
                format!("fails: {why}"),
            ),
            eventsourcing::StoreError::Malformed(id, why) => {
                Failure::Found(format!("the dead letter {id} of {} cannot be read: {why}", self.service))
            }
        }
    }
}

impl Note {
    /// What came of it, in words.
    pub(super) async fn end(self, outcome: &str) -> Result<(), Failure> {
        match self {
            Self::Database(repair) => repair.end(outcome).await,
            Self::Redis { timers, id, runtime } => {
                let note = json!({ "id": id, "ended_at": runtime.now(), "outcome": outcome });
                timers.note_repair(&note.to_string()).await.map_err(|_| not_noted("but it was"))
            }
        }
    }
}

fn not_noted(what: &str) -> Failure {
    Failure::unreachable("Redis", format!("did not take the note of who writes, {what}"))
}
