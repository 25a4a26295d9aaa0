//! The service with its real servers.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use eventsourcing::Gate;
use messaging::{Bus, Messenger, MessengerParts, Relay, Standing};
use runtime::{Runtime, TokioTasks};
use service::health::{Dependency, Health};
use service::serve::{self, Background, HEAD_WITHIN, Listen, Parts};
use tokio::sync::Notify;
use tokio_cron_scheduler::{Job, JobScheduler};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::policies::Policies;
use crate::rebuild::rebuild;
use crate::redis::RedisTimers;
use crate::worker::Worker;

/// When the timers are compared with the event log: each minute, at its half.
const COMPARE_AT: &str = "30 * * * * *";
const PING_EVERY: Duration = Duration::from_secs(2);

/// Runs until it is told to stop, or something ends that must not.
pub async fn run(config: Config, stop: CancellationToken) -> anyhow::Result<()> {
    let tasks = TokioTasks::default();
    let runtime = Runtime::real(tasks.clone());
    let timers = Arc::new(RedisTimers::connect(&config.redis_url).context("REDIS_URL")?);
    let jetstream = Arc::new(hosting::connect_bus(&config.nats_url, "expiration", runtime.clone()).await?);
    let bus: Arc<dyn Bus> = jetstream.clone();
    let was_set = Arc::new(Notify::new());
    let policies = Policies { timers: timers.clone(), runtime: runtime.clone(), was_set: was_set.clone() };
    let messenger = Messenger::new(MessengerParts {
        service: "expiration",
        bus: bus.clone(),
        relay: Arc::new(Relay::new(bus.clone(), runtime.clone())),
        outboxes: Vec::new(),
        listener: Some(Arc::new(policies)),
        dead_letters: timers.clone(),
        markers: timers.clone(),
        gate: Gate::default(),
        runtime: runtime.clone(),
    });
    let health = Health::new();
    let mut standing = messenger.standing();
    let stream = health.dependency("stream");
    let redis = health.dependency("redis");
    let reservation = config.reservation;
    let worker =
        Worker { timers: timers.clone(), bus: bus.clone(), runtime: runtime.clone(), was_set, reservation };
    let mut scheduler = compare_each_minute(timers.clone(), bus, runtime.clone(), config.reservation).await?;

    let messaging_stop = stop.clone();
    let pings = runtime.clone();
    let background = vec![
        Background::new("messenger", async move {
            messenger.run(messaging_stop).await;
            Ok(())
        }),
        Background::until(&stop, "standing", async move { follow(&mut standing, &stream).await }),
        Background::until(&stop, "redis", async move { watch(&timers, &pings, &redis).await }),
        Background::until(&stop, "worker", async move { worker.run().await }),
    ];
    let outcome = serve::run(Parts {
        router: Router::new(),
        http: Listen::At(config.http_addr),
        internal: Listen::At(config.internal_addr),
        health,
        metrics: service::metrics::install()?,
        runtime,
        tasks,
        stop,
        head_within: HEAD_WITHIN,
        shutdown_grace: config.shutdown_grace,
        background,
    })
    .await;
    scheduler.shutdown().await?;
    jetstream.flush().await;
    outcome
}

async fn compare_each_minute(
    timers: Arc<RedisTimers>,
    bus: Arc<dyn Bus>,
    runtime: Runtime,
    reservation: Duration,
) -> anyhow::Result<JobScheduler> {
    let scheduler = JobScheduler::new().await?;
    let compare = Job::new_async(COMPARE_AT, move |_, _| {
        let (timers, bus, runtime) = (timers.clone(), bus.clone(), runtime.clone());
        Box::pin(async move {
            if let Err(error) = rebuild(timers.as_ref(), bus.as_ref(), &runtime, reservation).await {
                tracing::debug!(%error, "timers cannot be compared with the event log");
            }
        })
    })?;
    scheduler.add(compare).await?;
    scheduler.start().await?;
    Ok(scheduler)
}

async fn follow(standing: &mut tokio::sync::watch::Receiver<Standing>, stream: &Dependency) {
    loop {
        match &*standing.borrow_and_update() {
            Standing::Ready => stream.up(),
            Standing::Starting(why) | Standing::Behind(why) => stream.down(why.clone()),
        }
        if standing.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}

async fn watch(timers: &RedisTimers, runtime: &Runtime, redis: &Dependency) {
    loop {
        match timers.ping().await {
            Ok(()) => redis.up(),
            Err(error) => redis.down(error.to_string()),
        }
        runtime.sleep(PING_EVERY).await;
    }
}
