//! The server with the real stream.

use std::sync::Arc;
use std::time::Duration;

use history::History;
use hosting::{Revocations, follow_revocations};
use limits::Limiter;
use messaging::{Bus as _, JetStream};
use runtime::{Runtime, TokioTasks};
use service::caller::Verifier;
use service::health::{Dependency, Health};
use service::http::{EdgeLimits, EdgeOptions, MOST_STREAMS, Streams, edge};
use service::serve::{self, Background, HEAD_WITHIN, Listen, Parts};
use tokio_util::sync::CancellationToken;

use super::Replay;
use super::config::Config;
use crate::SERVICE;

const ASK_EVERY: Duration = Duration::from_secs(2);

/// Runs until it is told to stop, or something ends that must not.
pub async fn serve(config: Config, stop: CancellationToken) -> anyhow::Result<()> {
    let tasks = TokioTasks::default();
    let runtime = Runtime::real(tasks.clone());
    let bus = Arc::new(hosting::connect_bus(&config.nats_url, SERVICE, runtime.clone()).await?);
    let history = History::new(bus.clone(), runtime.clone(), config.indexed_events);
    let revocations = Arc::new(Revocations::new(runtime.clone()));
    let Config { jwks_file, issuer, audience, public_origin, .. } = &config;
    let verifier = Verifier::open(jwks_file, issuer, audience, public_origin, runtime.clone())?;
    let verifier = Arc::new(verifier.with_revocations(revocations.clone()));

    let health = Health::new();
    let (stream, index) = (health.dependency("stream"), health.dependency("index"));
    let (followed, reported) = (history.clone(), history.clone());
    let (asked, asking) = (bus.clone(), runtime.clone());
    let revoked =
        follow_revocations(revocations, bus.clone(), runtime.clone(), health.dependency("revocations"));
    let background = vec![
        Background::until(&stop, "history", async move { followed.keep_up().await }),
        Background::until(&stop, "index", async move { report(&reported, &index).await }),
        Background::until(&stop, "stream", async move { watch(&asked, &asking, &stream).await }),
        Background::until(&stop, "revocations", revoked),
    ];
    let limits = EdgeLimits::new(Limiter::in_memory(runtime.clone()), SERVICE, config.rates);
    let mut options =
        EdgeOptions::new(runtime.clone(), verifier, config.public_origin.clone()).limited(limits);
    options.streams = Streams::new(runtime.clone(), stop.clone(), MOST_STREAMS);
    let outcome = serve::run(Parts {
        router: edge(Replay::new(history).routes(), options),
        http: Listen::At(config.http_addr),
        internal: Listen::At(config.internal_addr),
        health,
        metrics: service::metrics::install()?,
        runtime,
        tasks,
        stop,
        shutdown_grace: config.shutdown_grace,
        head_within: HEAD_WITHIN,
        background,
    })
    .await;
    bus.flush().await;
    outcome
}

/// Whether all that stands on the stream is known.
async fn report(history: &History, index: &Dependency) {
    let mut progress = history.progress();
    loop {
        if progress.is_complete {
            index.up();
        } else {
            index.down(format!("the stream is read up to {}", progress.sequence));
        }
        progress = history.progress_after(progress).await;
    }
}

/// Without the stream nothing can be told.
async fn watch(bus: &JetStream, runtime: &Runtime, stream: &Dependency) {
    loop {
        match bus.state().await {
            Ok(_) => stream.up(),
            Err(error) => stream.down(error.to_string()),
        }
        runtime.sleep(ASK_EVERY).await;
    }
}
