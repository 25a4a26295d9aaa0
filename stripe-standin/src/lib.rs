//! A faithful stand-in for Stripe's HTTP API, for development and tests; never shipped.
//!
//! `/v1/…` answers as Stripe does, `/3d_secure/…` is the bank's page that a buyer is sent to, and
//! `/_standin/…` switches faults on and shows the books.
#![recursion_limit = "256"]
#![expect(clippy::disallowed_methods, reason = "a stand-in runs on the real clock and has tasks of its own")]

mod api;
mod app;
mod charges;
mod clock;
mod collection;
mod connection;
mod control;
mod currencies;
mod draws;
mod errors;
mod events;
mod expand;
mod faults;
mod form;
mod idempotency;
mod intents;
mod journal;
mod ledger;
mod lists;
mod methods;
mod pages;
mod refunds;
mod store;
mod webhooks;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::app::App;
use crate::connection::{Connection, CuttableListener};
use crate::faults::FaultSwitch;
use crate::store::Store;

pub use crate::faults::{Fault, Faults, NextFault, Probability, WebhookFaults, When};
pub use crate::journal::JournalError;
pub use crate::ledger::{Ledger, LedgerEntry};
pub use crate::webhooks::WebhookEndpoint;

/// How to start. By default: a free port, nothing kept on disk, no webhooks.
#[derive(Clone, Default)]
pub struct Options {
    /// Where to listen; a free port of 127.0.0.1 unless told.
    pub listen: Option<SocketAddr>,
    /// What was captured outlives the process in this file.
    pub state_file: Option<PathBuf>,
    pub webhooks: Option<WebhookEndpoint>,
    /// The same seed gives the same ids in a state that starts empty; a random one unless told.
    pub seed: Option<u64>,
}

/// Why the stand-in did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot listen on {address}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error(transparent)]
    State(#[from] JournalError),
}

/// A running stand-in. Dropped, it stops at once and cuts every connection, as a killed process would.
pub struct StandIn {
    /// Where it listens, such as `http://127.0.0.1:4242`.
    pub base_url: String,
    app: App,
    stopped: CancellationToken,
    server: JoinHandle<io::Result<()>>,
}

impl StandIn {
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let address = options.listen.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let failed = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let base_url = format!("http://{}", listener.local_addr().map_err(failed)?);
        let seed = options.seed.map_or_else(|| Uuid::new_v4().to_string(), |seed| seed.to_string());
        let store = Store::open(options.state_file.as_deref(), seed.clone(), clock::now_seconds())?;
        let stopped = CancellationToken::new();
        let app = App::new(store, options.webhooks, base_url.clone(), &seed, stopped.clone());
        webhooks::deliver_pending(&app);
        let service = router(app.clone()).into_make_service_with_connect_info::<Connection>();
        let listener = CuttableListener { listener, stopped: stopped.clone() };
        let server = tokio::spawn(async move { axum::serve(listener, service).await });
        Ok(Self { base_url, app, stopped, server })
    }

    /// Replaces the faults switched on; `Faults::default()` switches all of them off.
    pub fn set_faults(&self, faults: Faults) {
        *self.app.faults() = FaultSwitch::new(faults);
    }

    /// Events from now on go to this endpoint.
    pub fn set_webhooks(&self, endpoint: WebhookEndpoint) {
        *self.app.endpoint() = Some(endpoint);
    }

    pub fn ledger(&self) -> Ledger {
        Ledger::of(&self.app.store().state)
    }

    /// Serves until it fails.
    pub async fn wait(mut self) -> io::Result<()> {
        (&mut self.server).await.map_err(io::Error::other)?
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.stopped.cancel();
        self.server.abort();
    }
}

fn router(app: App) -> Router {
    Router::new().merge(api::router()).merge(pages::router()).merge(control::router()).with_state(app)
}
