//! A store to be tested, with its server where it has one, and an ear for what is told after each commit.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::mongodb::Database;
use async_trait::async_trait;
use local_servers::{Place, Server, Toolbox, mongodb};
use runtime::{Runtime, TokioTasks};
use tempfile::TempDir;
use uuid::Uuid;

use super::{Counter, schema};
use crate::{AfterCommit, Aggregates, Committed, EventStore, Gate, MemoryStore, MongoStore, Outbox};

pub(crate) struct Bench {
    pub store: Arc<dyn EventStore<Counter>>,
    pub runtime: Runtime,
    pub published: Arc<Published>,
    pub gate: Gate,
    /// The server and its database, for what only MongoDB promises.
    pub mongo: Option<Mongo>,
}

pub(crate) struct Mongo {
    pub database: Database,
    pub server: Mutex<Server>,
    _folder: TempDir,
}

/// What was told after commits.
#[derive(Default)]
pub(crate) struct Published(pub Mutex<Vec<(Uuid, Committed)>>);

impl Bench {
    pub(crate) fn memory() -> Self {
        Self::over(Arc::new(MemoryStore::<Counter>::new(schema())), None)
    }

    pub(crate) async fn mongo() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::under(folder.path(), "mongo");
        let server = mongodb::server(&Toolbox::open().unwrap(), &place).unwrap().start().unwrap();
        let client = ::mongodb::Client::with_uri_str(server.url()).await.unwrap();
        let database = client.database("conformance");
        let store = MongoStore::open(&database, schema(), runtime()).await.unwrap();
        let mongo = Mongo { database, server: Mutex::new(server), _folder: folder };
        Self::over(Arc::new(store), Some(mongo))
    }

    pub(crate) fn over(store: Arc<dyn EventStore<Counter>>, mongo: Option<Mongo>) -> Self {
        Self { store, runtime: runtime(), published: Arc::default(), gate: Gate::default(), mongo }
    }

    pub(crate) fn counters(&self) -> Aggregates<Counter> {
        let after_commit = Arc::clone(&self.published);
        Aggregates::new(Arc::clone(&self.store), self.runtime.clone(), after_commit, self.gate.clone())
    }

    /// Waits until the store answers, for no longer than ten seconds.
    pub(crate) async fn reachable(&self) {
        let begun_at = self.runtime.now();
        while let Err(error) = self.store.head(Uuid::nil()).await {
            assert!(self.runtime.now().since(begun_at) < Duration::from_secs(10), "{error}");
            self.runtime.sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until it holds, for no longer than ten seconds.
    pub(crate) async fn eventually(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let begun_at = self.runtime.now();
        while !holds() {
            assert!(self.runtime.now().since(begun_at) < Duration::from_secs(10), "never: {what}");
            self.runtime.sleep(Duration::from_millis(5)).await;
        }
    }
}

fn runtime() -> Runtime {
    Runtime::real(TokioTasks::default())
}

#[async_trait]
impl AfterCommit for Published {
    async fn committed(&self, _outbox: &dyn Outbox, id: Uuid, committed: Committed) {
        self.0.lock().unwrap().push((id, committed));
    }
}
