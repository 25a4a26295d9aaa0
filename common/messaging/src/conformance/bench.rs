//! A bus to be tested, with its server where it has one, and messages to put on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use contracts::Timestamp;
use eventsourcing::{RawEvent, Recorded};
use futures::future::BoxFuture;
use local_servers::{Place, Server, Toolbox, nats};
use runtime::{Clock, RandomIds, Runtime, SystemClock, TokioTasks};
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use super::cause;
use crate::{Archive, Bus, JetStream, MemoryBus, Message};

pub(crate) struct Bench {
    pub bus: Arc<dyn Bus>,
    /// The same.
    pub archive: Arc<dyn Archive>,
    pub runtime: Runtime,
    clock: JumpingClock,
    world: World,
}

/// The system's clock, but ahead of it.
#[derive(Clone, Default)]
struct JumpingClock {
    ahead_ms: Arc<AtomicU64>,
}

impl Clock for JumpingClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + Duration::from_millis(self.ahead_ms.load(Ordering::SeqCst))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        SystemClock.sleep(duration)
    }
}

fn time() -> (JumpingClock, Runtime) {
    let clock = JumpingClock::default();
    let tasks = Arc::new(TokioTasks::default());
    (clock.clone(), Runtime::new(Arc::new(clock), Arc::new(RandomIds), tasks))
}

enum World {
    Memory(MemoryBus),
    Nats(Box<Mutex<Nats>>),
}

struct Nats {
    server: Server,
    folder: TempDir,
}

impl Bench {
    pub(crate) fn memory() -> Self {
        let (clock, runtime) = time();
        let bus = MemoryBus::new(runtime.clone());
        let archive = Arc::new(bus.clone());
        Self { bus: archive.clone(), archive, runtime, clock, world: World::Memory(bus) }
    }

    pub(crate) async fn jetstream() -> Self {
        let (clock, runtime) = time();
        let folder = tempfile::tempdir().unwrap();
        let place = Place::under(folder.path(), "nats");
        let server = nats::server(&Toolbox::open().unwrap(), &place).unwrap().start().unwrap();
        let bus = Arc::new(JetStream::connect(server.url(), "tests", runtime.clone()).await.unwrap());
        let world = World::Nats(Box::new(Mutex::new(Nats { server, folder })));
        let bench = Self { bus: bus.clone(), archive: bus, runtime, clock, world };
        bench.prepared().await;
        bench
    }

    /// What happened so far happened long ago.
    pub(crate) fn jump_ahead(&self, duration: Duration) {
        let millis = u64::try_from(duration.as_millis()).unwrap();
        self.clock.ahead_ms.fetch_add(millis, Ordering::SeqCst);
    }

    /// Loses the stream as a whole, and who consumes it.
    pub(crate) async fn lose_stream(&self) {
        match &self.world {
            World::Memory(bus) => bus.lose_after(0),
            World::Nats(nats) => tokio::task::block_in_place(|| {
                let mut nats = nats.lock().unwrap();
                nats.server.kill();
                fs::remove_dir_all(nats.stored()).unwrap();
                nats.server.restart().unwrap();
            }),
        }
    }

    /// Loses what `losing` puts on the stream, as a server does whose disk lied.
    pub(crate) async fn lose_tail(&self, losing: impl Future<Output = ()>) {
        let kept = self.bus.state().await.unwrap().last_sequence;
        self.keep_a_copy();
        losing.await;
        match &self.world {
            World::Memory(bus) => bus.lose_after(kept),
            World::Nats(nats) => tokio::task::block_in_place(|| {
                let mut nats = nats.lock().unwrap();
                nats.server.kill();
                fs::remove_dir_all(nats.stored()).unwrap();
                fs::rename(nats.copied(), nats.stored()).unwrap();
                nats.server.restart().unwrap();
            }),
        }
    }

    /// The server answers nothing until it is killed and started again.
    pub(crate) fn freeze(&self) {
        if let World::Nats(nats) = &self.world {
            nats.lock().unwrap().server.pause();
        }
    }

    pub(crate) fn kill_and_restart(&self) {
        if let World::Nats(nats) = &self.world {
            tokio::task::block_in_place(|| nats.lock().unwrap().server.restart().unwrap());
        }
    }

    fn keep_a_copy(&self) {
        if let World::Nats(nats) = &self.world {
            tokio::task::block_in_place(|| {
                let mut nats = nats.lock().unwrap();
                nats.server.stop();
                copy(&nats.stored(), &nats.copied());
                nats.server.restart().unwrap();
            });
        }
    }

    /// The stream, as soon as the server can be reached.
    pub(crate) async fn prepared(&self) {
        self.eventually("the stream is there", async || self.bus.prepare().await.is_ok()).await;
    }

    /// Waits until it holds, for no longer than half a minute.
    pub(crate) async fn eventually(&self, what: &str, mut holds: impl AsyncFnMut() -> bool) {
        let begun_at = self.runtime.now();
        while !holds().await {
            assert!(self.runtime.now().since(begun_at) < Duration::from_secs(30), "never: {what}");
            self.runtime.sleep(Duration::from_millis(10)).await;
        }
    }

    /// All that stands on the stream of these categories, in its order.
    pub(crate) async fn told(&self, categories: &[&str]) -> Vec<Message> {
        let read = self.bus.read(categories, 1, 10_000).await.unwrap();
        read.iter().map(|(_, parcel)| parcel.open().unwrap().into_owned()).collect()
    }
}

impl Nats {
    fn stored(&self) -> PathBuf {
        self.folder.path().join("data/nats/jetstream")
    }

    fn copied(&self) -> PathBuf {
        self.folder.path().join("copy")
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// The user's event of this version.
pub(crate) fn message(user: u128, version: u64) -> Message {
    of_type("user", "UserUpdated", user, version)
}

pub(crate) fn of_type(category: &str, event_type: &str, aggregate: u128, version: u64) -> Message {
    let event_id = Uuid::new_v5(&id(aggregate), format!("{category} {version}").as_bytes());
    Message {
        category: category.to_owned(),
        id: id(aggregate),
        recorded: Recorded {
            id: event_id,
            version,
            event: RawEvent { event_type: event_type.to_owned(), data: json!({ "roles": ["user"] }) },
            at: Timestamp::from_millis(1_800_000_000_123),
            cause: cause(version.into()),
        },
    }
}
