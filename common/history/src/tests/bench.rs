//! A stream to look back at, and what is said there.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use contracts::Timestamp;
use eventsourcing::{Actor, Cause, RawEvent, Recorded};
use local_servers::{Place, Server, Toolbox, nats};
use messaging::{Archive, JetStream, MemoryBus, Message};
use runtime::{Runtime, TokioTasks};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{History, INDEXED};

pub(crate) const SOON: Duration = Duration::from_secs(20);

pub(crate) struct Bench {
    pub history: History,
    pub runtime: Runtime,
    archive: Arc<dyn Archive>,
    world: World,
}

enum World {
    Memory(MemoryBus),
    Nats(Box<Mutex<Nats>>),
}

struct Nats {
    server: Server,
    folder: TempDir,
}

/// What somebody says, and why.
#[derive(Clone)]
pub(crate) struct Say {
    pub category: &'static str,
    pub id: Uuid,
    pub event_type: &'static str,
    pub event_id: Uuid,
    pub causation_id: Uuid,
    pub correlation_id: Uuid,
    /// In seconds.
    pub at: i64,
    pub data: Value,
}

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

impl Say {
    /// An event with this id, of a request of its own.
    pub(crate) fn new(
        category: &'static str,
        aggregate: u128,
        event_type: &'static str,
        event: u128,
    ) -> Self {
        Self {
            category,
            id: id(aggregate),
            event_type,
            event_id: id(event),
            causation_id: id(event + 1_000_000),
            correlation_id: id(event + 1_000_000),
            at: i64::try_from(event).unwrap(),
            data: json!({}),
        }
    }

    /// What another event led to.
    pub(crate) fn after(self, cause: &Self) -> Self {
        Self { causation_id: cause.event_id, correlation_id: cause.correlation_id, ..self }
    }

    pub(crate) fn of_request(self, request: u128) -> Self {
        Self { correlation_id: id(request), ..self }
    }

    pub(crate) fn with(self, data: Value) -> Self {
        Self { data, ..self }
    }

    pub(crate) fn at(self, at: i64) -> Self {
        Self { at, ..self }
    }
}

impl Bench {
    pub(crate) fn memory() -> Self {
        let runtime = Runtime::real(TokioTasks::default());
        let bus = MemoryBus::new(runtime.clone());
        Self::over(Arc::new(bus.clone()), runtime, World::Memory(bus))
    }

    pub(crate) async fn jetstream() -> Self {
        let runtime = Runtime::real(TokioTasks::default());
        let folder = tempfile::tempdir().unwrap();
        let place = Place::under(folder.path(), "nats");
        let server = nats::server(&Toolbox::open().unwrap(), &place).unwrap().start().unwrap();
        let bus = JetStream::connect(server.url(), "tests", runtime.clone()).await.unwrap();
        let world = World::Nats(Box::new(Mutex::new(Nats { server, folder })));
        let bench = Self::over(Arc::new(bus), runtime, world);
        bench.prepared().await;
        bench
    }

    fn over(archive: Arc<dyn Archive>, runtime: Runtime, world: World) -> Self {
        Self { history: History::new(archive.clone(), runtime.clone(), INDEXED), runtime, archive, world }
    }

    pub(crate) async fn prepared(&self) {
        self.eventually("the stream is there", async || self.archive.prepare().await.is_ok()).await;
    }

    /// Puts it on the stream, and says where.
    pub(crate) async fn says(&self, say: &Say) -> u64 {
        let last = self.archive.last(say.category, say.id).await.unwrap();
        let message = Message {
            category: say.category.to_owned(),
            id: say.id,
            recorded: Recorded {
                id: say.event_id,
                version: last.map_or(1, |last| last.version + 1),
                event: RawEvent { event_type: say.event_type.to_owned(), data: say.data.clone() },
                at: Timestamp::from_millis(1_800_000_000_000 + say.at * 1_000),
                cause: Cause {
                    causation_id: say.causation_id,
                    correlation_id: say.correlation_id,
                    actor: Actor::Service("tests".to_owned()),
                    traceparent: None,
                },
            },
        };
        self.archive.publish(&message, last.map_or(0, |last| last.sequence)).await.unwrap()
    }

    /// Follows the stream until the test ends, and waits until all that stands there is known.
    pub(crate) async fn keeps_up(&self) {
        let history = self.history.clone();
        self.runtime.spawn("keeps up", async move { history.keep_up().await });
        self.knows_all().await;
    }

    pub(crate) async fn knows_all(&self) {
        let knows = async || {
            let progress = self.history.progress();
            let end = self.archive.state().await.map(|state| state.last_sequence);
            progress.is_complete && end.is_ok_and(|end| end == progress.sequence)
        };
        self.eventually("all is known", knows).await;
    }

    pub(crate) async fn loses_its_stream(&self) {
        match &self.world {
            World::Memory(bus) => bus.lose_after(0),
            World::Nats(nats) => tokio::task::block_in_place(|| {
                let mut nats = nats.lock().unwrap();
                nats.server.kill();
                fs::remove_dir_all(nats.stored()).unwrap();
                nats.server.restart().unwrap();
            }),
        }
        self.prepared().await;
    }

    /// Nothing is lost but what stands between. Memory has nothing that could be cut.
    pub(crate) fn loses_its_connection(&self) {
        if let World::Nats(nats) = &self.world {
            tokio::task::block_in_place(|| nats.lock().unwrap().server.restart().unwrap());
        }
    }

    pub(crate) async fn eventually(&self, what: &str, mut holds: impl AsyncFnMut() -> bool) {
        let begun_at = self.runtime.now();
        while !holds().await {
            assert!(self.runtime.now().since(begun_at) < SOON, "never: {what}");
            self.runtime.sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Nats {
    fn stored(&self) -> PathBuf {
        self.folder.path().join("data/nats/jetstream")
    }
}
