//! Hosts one service in one process: its stores, its dealings with the bus and its HTTP edge, started and stopped in
//! order.
//!
//! The process answers health questions at once. It takes commands when its stores were prepared and compared with
//! the stream.

mod recurring;
mod revocations;
mod servers;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use eventsourcing::{Aggregates, Decider, Gate, MongoStore, Outbox, Schema};
use futures::future::BoxFuture;
use limits::Limiter;
use messaging::{
    Announcer, Bus, Changes, JetStream, Listener, Messenger, MessengerParts, MongoDeadLetters, MongoMarkers,
    Relay, Standing,
};
use mongodb::Database;
use runtime::{Runtime, TokioTasks};
use service::caller::Verifier;
use service::config::Common;
use service::health::{Dependency, Health};
use service::http::{EdgeLimits, EdgeOptions, MOST_STREAMS, RouteLimit, Streams, edge};
use service::serve::{self, Background, HEAD_WITHIN, Listen, Parts};
use tokio_util::sync::CancellationToken;

use crate::revocations::Follower;

pub use recurring::Recurring;
pub use revocations::Revocations;
pub use servers::{connect_bus, connect_database};

const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(500);
const PING_EVERY: Duration = Duration::from_secs(2);

/// One service on its way to be run.
pub struct Host {
    service: &'static str,
    common: Common,
    tasks: TokioTasks,
    runtime: Runtime,
    stop: CancellationToken,
    health: Health,
    bus: Arc<JetStream>,
    database: Database,
    relay: Arc<Relay>,
    changes: Changes,
    revocations: Arc<Revocations>,
    gate: Gate,
    limits: EdgeLimits,
    outboxes: Vec<Arc<dyn Outbox>>,
    unprepared: Vec<BoxFuture<'static, ()>>,
    background: Vec<Background>,
}

impl Host {
    /// Needs no server to be there yet.
    pub async fn new(service: &'static str, common: Common, stop: CancellationToken) -> anyhow::Result<Self> {
        let tasks = TokioTasks::default();
        let runtime = Runtime::real(tasks.clone());
        let bus = Arc::new(connect_bus(&common.nats_url, service, runtime.clone()).await?);
        let database = connect_database(&common.mongodb_url, &common.mongodb_database, service).await?;
        let limiter = Limiter::connect(common.redis_url.as_deref(), runtime.clone()).context("REDIS_URL")?;
        let limits = EdgeLimits::new(limiter, service, common.rates);
        let gate = Gate::default();
        gate.shut();
        Ok(Self {
            service,
            relay: Arc::new(Relay::new(bus.clone(), runtime.clone())),
            changes: Changes::new(runtime.clone()),
            revocations: Arc::new(Revocations::new(runtime.clone())),
            common,
            tasks,
            runtime,
            stop,
            health: Health::new(),
            bus,
            database,
            gate,
            limits,
            outboxes: Vec::new(),
            unprepared: Vec::new(),
            background: Vec::new(),
        })
    }

    pub fn runtime(&self) -> Runtime {
        self.runtime.clone()
    }

    pub fn bus(&self) -> Arc<dyn Bus> {
        self.bus.clone()
    }

    /// What this replica hears of them, once it runs.
    pub fn revocations(&self) -> Arc<Revocations> {
        self.revocations.clone()
    }

    /// Shut until commands may be taken.
    pub fn gate(&self) -> Gate {
        self.gate.clone()
    }

    /// Counts for all replicas of this service, while that is possible.
    pub fn limiter(&self) -> Limiter {
        self.limits.limiter.clone()
    }

    /// These routes are limited otherwise than by their methods.
    pub fn limit(&mut self, routes: impl IntoIterator<Item = (&'static str, RouteLimit)>) {
        self.limits.routes.extend(routes);
    }

    /// One more thing that the process is not ready without, until it is said to be up.
    pub fn dependency(&self, name: &'static str) -> Dependency {
        self.health.dependency(name)
    }

    /// The service's own database, for what it keeps beside its aggregates.
    pub fn database(&self) -> Database {
        self.database.clone()
    }

    /// The aggregates of one kind, in the service's own database.
    pub fn aggregates<D: Decider>(&mut self, schema: Schema) -> Aggregates<D> {
        let store = Arc::new(MongoStore::<D>::new(&self.database, schema, self.runtime.clone()));
        let (unprepared, runtime) = (Arc::clone(&store), self.runtime.clone());
        self.unprepared.push(Box::pin(async move {
            while let Err(error) = unprepared.prepare().await {
                tracing::debug!(category = D::CATEGORY, %error, "the store cannot be prepared yet");
                runtime.sleep(PAUSE_AFTER_FAILURE).await;
            }
        }));
        self.outboxes.push(store.clone());
        let announcer = Announcer { changes: self.changes.clone(), relay: self.relay.clone() };
        Aggregates::new(store, self.runtime.clone(), Arc::new(announcer), self.gate.clone())
    }

    /// Who waits for aggregates of this category to change is woken by it, whichever replica changes them.
    pub fn changes(&mut self, category: &'static str) -> Changes {
        let (following, bus) = (self.changes.clone(), self.bus.clone());
        self.until_stopped("changes", async move { following.follow(bus.as_ref(), category).await });
        self.changes.clone()
    }

    /// Takes these steps until the process is told to stop.
    pub fn repeat(&mut self, recurring: impl IntoIterator<Item = Recurring>) {
        for recurring in recurring {
            let (runtime, gate) = (self.runtime.clone(), self.gate.clone());
            self.until_stopped(recurring.name(), recurring.run(runtime, gate));
        }
    }

    /// Runs until it is told to stop, or something ends that must not.
    pub async fn run(mut self, routes: Router, listener: Option<Arc<dyn Listener>>) -> anyhow::Result<()> {
        let metrics = service::metrics::install()?;
        let verifier = Verifier::from_config(&self.common, self.runtime.clone())?;
        let verifier = Arc::new(verifier.with_revocations(self.revocations.clone()));
        let messenger = Messenger::new(MessengerParts {
            service: self.service,
            bus: self.bus.clone(),
            relay: self.relay.clone(),
            outboxes: std::mem::take(&mut self.outboxes),
            listener,
            dead_letters: Arc::new(MongoDeadLetters::new(&self.database)),
            markers: Arc::new(MongoMarkers::new(&self.database)),
            gate: self.gate.clone(),
            runtime: self.runtime.clone(),
        });
        self.watch_standing(&messenger);
        self.follow_revocations(&messenger);
        self.watch_database();
        let (unprepared, stop) = (std::mem::take(&mut self.unprepared), self.stop.clone());
        self.background.push(Background::new("messenger", async move {
            let prepared = async {
                for prepare in unprepared {
                    prepare.await;
                }
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(()),
                () = prepared => {}
            }
            messenger.run(stop).await;
            Ok(())
        }));
        let mut options = EdgeOptions::new(self.runtime.clone(), verifier, self.common.public_origin.clone())
            .limited(self.limits);
        options.streams = Streams::new(self.runtime.clone(), self.stop.clone(), MOST_STREAMS);
        let served = serve::run(Parts {
            router: edge(routes, options),
            http: Listen::At(self.common.http_addr),
            internal: Listen::At(self.common.internal_addr),
            health: self.health,
            metrics,
            runtime: self.runtime,
            tasks: self.tasks,
            stop: self.stop,
            head_within: HEAD_WITHIN,
            shutdown_grace: self.common.shutdown_grace,
            background: self.background,
        });
        let outcome = served.await;
        self.bus.flush().await;
        outcome
    }

    /// Ready for the first time when store and stream agree; a bus that goes away later only delays what is said.
    fn watch_standing(&mut self, messenger: &Messenger) {
        let stream = self.health.dependency("stream");
        let mut standing = messenger.standing();
        self.until_stopped("standing", async move {
            loop {
                match &*standing.borrow_and_update() {
                    Standing::Ready => stream.up(),
                    Standing::Starting(why) | Standing::Behind(why) => stream.down(why.clone()),
                }
                if standing.changed().await.is_err() {
                    return std::future::pending().await;
                }
            }
        });
    }

    /// Not before store and stream agree: what the stream lost of auth's would not be missed.
    fn follow_revocations(&mut self, messenger: &Messenger) {
        let (revocations, bus, runtime) = (self.revocations.clone(), self.bus.clone(), self.runtime.clone());
        let health = self.health.dependency("revocations");
        let mut standing = messenger.standing();
        self.until_stopped("revocations", async move {
            let is_ready = standing.wait_for(|standing| *standing == Standing::Ready).await.is_ok();
            if is_ready {
                follow_revocations(revocations, bus, runtime, health).await;
            }
            std::future::pending().await
        });
    }

    fn watch_database(&mut self) {
        let mongodb = self.health.dependency("mongodb");
        let (database, runtime) = (self.database.clone(), self.runtime.clone());
        self.until_stopped("mongodb", async move {
            loop {
                ping(&database, &runtime, &mongodb).await;
                runtime.sleep(PING_EVERY).await;
            }
        });
    }

    /// Does this beside everything else, until the process is told to stop. It may end before.
    pub fn meanwhile(&mut self, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        self.until_stopped(name, async move {
            work.await;
            std::future::pending().await
        });
    }

    fn until_stopped(&mut self, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        self.background.push(Background::until(&self.stop, name, work));
    }
}

/// Hears who may not come in any more, for as long as it is polled. `health` is up once all is known that was said
/// before.
pub async fn follow_revocations(
    revocations: Arc<Revocations>,
    bus: Arc<dyn Bus>,
    runtime: Runtime,
    health: Dependency,
) {
    Follower { revocations, bus, runtime, health }.run().await;
}

async fn ping(database: &Database, runtime: &Runtime, mongodb: &Dependency) {
    let ping = database.run_command(mongodb::bson::doc! { "ping": 1 });
    match runtime.timeout(PING_EVERY, ping.into_future()).await {
        Ok(Ok(_)) => mongodb.up(),
        Ok(Err(_)) => mongodb.down("it does not answer"),
        Err(_) => mongodb.down(format!("no answer in {} s", PING_EVERY.as_secs())),
    }
}
