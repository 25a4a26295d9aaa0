//! Serves until the process is told to stop or something that must not end has ended: whatever ends first ends the
//! process.

mod connections;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::middleware::from_fn;
use axum::serve::ListenerExt as _;
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt as _};
use runtime::{Runtime, TaskLost, TokioTasks};
use tokio::net::{TcpListener, TcpSocket};
use tokio_util::sync::CancellationToken;

use crate::health::Health;
use crate::http::headers;
use crate::metrics::Metrics;

/// How often what was measured is moved into its buckets.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// How many connections may wait to be taken. Of what comes at once, the kernel resets what does not fit.
const MOST_WAITING: u32 = 4_096;

/// How long the head of a request may take, counted from the answer before it, and so how long a connection may be idle.
/// A proxy has to be the first to close one, or it sends a request just when it is closed: Traefik does after 90 s.
pub const HEAD_WITHIN: Duration = Duration::from_secs(100);

/// All that makes up a running service.
pub struct Parts {
    /// The service's routes, behind [`edge`](crate::http::edge) already.
    pub router: Router,
    /// Where the routes are served, with health.
    pub http: Listen,
    /// Where health and metrics are served.
    pub internal: Listen,
    pub health: Health,
    pub metrics: Metrics,
    pub runtime: Runtime,
    /// The tasks that the runtime starts; they are waited for at the end.
    pub tasks: TokioTasks,
    pub stop: CancellationToken,
    /// [`HEAD_WITHIN`], unless a test is in a hurry.
    pub head_within: Duration,
    /// How long what is under way may take when the process stops.
    pub shutdown_grace: Duration,
    /// What must run as long as the process does. It ends by itself when `stop` is cancelled.
    pub background: Vec<Background>,
}

/// An address to listen at, or a listener that is handed in.
pub enum Listen {
    At(SocketAddr),
    On(TcpListener),
}

/// Something that must not end before the process does.
pub struct Background {
    name: &'static str,
    work: BoxFuture<'static, anyhow::Result<()>>,
}

impl Background {
    pub fn new(name: &'static str, work: impl Future<Output = anyhow::Result<()>> + Send + 'static) -> Self {
        Self { name, work: Box::pin(work) }
    }

    /// Work without an end of its own: `stop` ends it.
    pub fn until(
        stop: &CancellationToken,
        name: &'static str,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        let stop = stop.clone();
        Self::new(name, async move {
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                () = work => {}
            }
            Ok(())
        })
    }
}

/// Runs the service to its end. It is an error when anything but `stop` ended it.
pub async fn run(parts: Parts) -> anyhow::Result<()> {
    let Parts {
        router,
        http,
        internal,
        health,
        metrics,
        runtime,
        tasks,
        stop,
        head_within,
        shutdown_grace,
        mut background,
    } = parts;
    let http = http.bind().await?;
    let internal = internal.bind().await?;
    let address = http.local_addr()?;
    tracing::info!(http = %address, internal = %internal.local_addr()?, "listening at {address}");

    let internal_router = health.router().merge(metrics.router());
    for (name, listener, router) in
        [("http", http, router.merge(health.router())), ("internal http", internal, internal_router)]
    {
        background.push(server(name, listener, router, head_within, runtime.clone(), stop.clone()));
    }
    background.push(upkeep(metrics, runtime.clone(), stop.clone()));
    let mut running: FuturesUnordered<_> =
        background.into_iter().map(|background| ended(&runtime, background)).collect();

    let outcome = tokio::select! {
        biased;
        () = stop.cancelled() => Ok(()),
        Some((name, result)) = running.next() => premature(name, result, &stop),
    };
    health.stopping();
    stop.cancel();
    let settled = async {
        while let Some((name, result)) = running.next().await {
            if let Err(error) = result {
                tracing::error!("{name} ended badly: {error:#}");
            }
        }
        tasks.finished().await;
    };
    if runtime.timeout(shutdown_grace, settled).await.is_err() {
        tracing::warn!("stopping with work under way, after {} s", shutdown_grace.as_secs());
    }
    outcome
}

/// Starts the work as a task of its own and waits for its end.
async fn ended(
    runtime: &Runtime,
    Background { name, work }: Background,
) -> (&'static str, anyhow::Result<()>) {
    let result = runtime.run(name, work).await;
    (name, result.unwrap_or_else(|TaskLost| Err(anyhow::anyhow!("it panicked"))))
}

/// What ended first. When the process was told to stop at the same moment it has a right to.
fn premature(name: &str, result: anyhow::Result<()>, stop: &CancellationToken) -> anyhow::Result<()> {
    match result {
        Ok(()) if stop.is_cancelled() => Ok(()),
        Ok(()) => Err(anyhow::anyhow!("{name} ended, which it must not")),
        Err(error) => Err(error.context(format!("{name} ended"))),
    }
}

fn server(
    name: &'static str,
    listener: TcpListener,
    router: Router,
    head_within: Duration,
    runtime: Runtime,
    stop: CancellationToken,
) -> Background {
    let listener = listener.tap_io(|stream| {
        // Small answers and events of a live stream must not wait for more to come.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    let router = router.layer(from_fn(headers::around));
    Background::new(name, async move {
        connections::serve(listener, router, head_within, runtime, stop).await;
        Ok(())
    })
}

fn upkeep(metrics: Metrics, runtime: Runtime, stop: CancellationToken) -> Background {
    Background::new("metrics", async move {
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(()),
                () = runtime.sleep(METRICS_UPKEEP) => metrics.keep_up(),
            }
        }
    })
}

impl Listen {
    async fn bind(self) -> anyhow::Result<TcpListener> {
        match self {
            Self::At(address) => listen(address).with_context(|| format!("listening at {address}")),
            Self::On(listener) => Ok(listener),
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(MOST_WAITING)
}

#[cfg(test)]
mod tests;
