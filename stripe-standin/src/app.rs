//! What every request shares: the store, the faults switched on, and where webhooks go.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::draws::Draws;
use crate::errors::ApiError;
use crate::faults::{FaultSwitch, Faults};
use crate::store::{Change, Context, Store, Work};
use crate::webhooks::{self, WebhookEndpoint};

#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

struct Shared {
    store: Mutex<Store>,
    faults: Mutex<FaultSwitch>,
    endpoint: Mutex<Option<WebhookEndpoint>>,
    request_ids: Mutex<Draws>,
    origin: String,
    stopped: CancellationToken,
    http: reqwest::Client,
}

impl App {
    pub(crate) fn new(
        store: Store,
        endpoint: Option<WebhookEndpoint>,
        origin: String,
        seed: &str,
        stopped: CancellationToken,
    ) -> Self {
        Self(Arc::new(Shared {
            store: Mutex::new(store),
            faults: Mutex::new(FaultSwitch::new(Faults::default())),
            endpoint: Mutex::new(endpoint),
            request_ids: Mutex::new(Draws::new(format!("requests {seed}"))),
            origin,
            stopped,
            http: reqwest::Client::new(),
        }))
    }

    /// Held for one request's work and its line in the state file, never across an await.
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        lock(&self.0.store)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, FaultSwitch> {
        lock(&self.0.faults)
    }

    pub(crate) fn endpoint(&self) -> MutexGuard<'_, Option<WebhookEndpoint>> {
        lock(&self.0.endpoint)
    }

    pub(crate) fn request_id(&self) -> String {
        lock(&self.0.request_ids).id("req_", 14)
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.0.http
    }

    pub(crate) fn context(&self) -> Context {
        Context {
            now: clock::now_seconds(),
            origin: self.0.origin.clone(),
            webhooks: self.endpoint().is_some(),
            search_lag_seconds: self.faults().faults().search_lag_seconds,
            ..Context::default()
        }
    }

    /// Works on the state outside of Stripe's API, commits, and has the events delivered.
    pub(crate) fn work<T>(&self, act: impl FnOnce(&mut Work<'_>) -> T) -> Result<T, ApiError> {
        let context = self.context();
        let mut store = self.store();
        let mut work = Work::begin(&mut store.state, context);
        let result = act(&mut work);
        let changes = work.finish();
        store.commit(changes.clone())?;
        drop(store);
        self.deliver(&changes);
        Ok(result)
    }

    pub(crate) fn deliver(&self, changes: &[Change]) {
        for change in changes {
            if let Change::Event(event) = change {
                webhooks::deliver(self, event);
            }
        }
    }

    /// Runs beside the requests, until the stand-in stops.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> tokio::task::JoinHandle<Option<T>> {
        tokio::spawn(self.0.stopped.clone().run_until_cancelled_owned(task))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
