//! All of a service's dealings with the bus, in one task.

use std::sync::Arc;
use std::time::Duration;

use eventsourcing::{Gate, Outbox};
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};
use metrics::gauge;
use runtime::Runtime;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::consumer::{Consumer, Rewinds};
use crate::reconcile::{Agreement, Reconciliation, Scope};
use crate::{Bus, DeadLetters, Listener, Markers, Relay};

const SWEEP_EVERY: Duration = Duration::from_secs(1);
const CHECK_EVERY: Duration = Duration::from_secs(5);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(500);

/// What a service brings along.
pub struct MessengerParts {
    pub service: &'static str,
    pub bus: Arc<dyn Bus>,
    pub relay: Arc<Relay>,
    /// Its stores; none for a service that keeps no aggregates.
    pub outboxes: Vec<Arc<dyn Outbox>>,
    /// None for a service that hears nothing.
    pub listener: Option<Arc<dyn Listener>>,
    pub dead_letters: Arc<dyn DeadLetters>,
    pub markers: Arc<dyn Markers>,
    pub gate: Gate,
    pub runtime: Runtime,
}

/// Whether a service may be given work, as far as the bus is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Store and stream were not compared yet.
    Starting(String),
    Ready,
    /// The store lacks what the stream has; someone has to recover it.
    Behind(String),
}

/// Relay, reconciliation, consumer and dead letters of one replica of one service.
pub struct Messenger {
    parts: MessengerParts,
    standing: watch::Sender<Standing>,
    rewinds: Rewinds,
}

impl Messenger {
    pub fn new(parts: MessengerParts) -> Self {
        let standing = watch::channel(Standing::Starting("not compared yet".to_owned())).0;
        Self { parts, standing, rewinds: Rewinds::default() }
    }

    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// Until it is told to stop. Nothing is heard before store and stream were compared.
    pub async fn run(&self, stop: CancellationToken) {
        // From before the first comparison on: what is lost during it has to be noticed too.
        let mut connections = self.parts.bus.connections();
        let agreed_over = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            agreed_over = self.compare_first(&mut connections) => agreed_over,
        };
        let consumer = self.consumer();
        // Each has a waker of its own, so that what concerns one does not bother the others.
        let mut loops = FuturesUnordered::new();
        loops.push(self.sweep().boxed());
        loops.push(self.compare_now_and_then(agreed_over, connections).boxed());
        match &consumer {
            Some(consumer) => {
                loops.push(consumer.work(&stop).boxed());
                loops.push(consumer.tell_what_is_in_hand().boxed());
                loops.push(consumer.retry_dead_letters().boxed());
            }
            None => loops.push(stop.cancelled().boxed()),
        }
        // All but the one that is told to stop go on for ever.
        loops.next().await;
    }

    fn consumer(&self) -> Option<Consumer> {
        let parts = &self.parts;
        let listener = Arc::clone(parts.listener.as_ref()?);
        let (bus, dead_letters) = (Arc::clone(&parts.bus), Arc::clone(&parts.dead_letters));
        Some(Consumer::new(bus, listener, dead_letters, parts.runtime.clone(), self.rewinds.clone()))
    }

    /// Says over which connection they were found to agree.
    async fn compare_first(&self, connections: &mut watch::Receiver<u64>) -> Option<u64> {
        loop {
            let connection = *connections.borrow_and_update();
            match self.reconciliation().check(connection, Scope::Recent).await {
                Ok(agreement @ (Agreement::Agree | Agreement::Untold(_))) => {
                    self.agrees();
                    return (agreement == Agreement::Agree).then_some(connection);
                }
                Ok(Agreement::StoreIsBehind { aggregates, example }) => {
                    self.behind(aggregates, &example);
                    // Until someone has recovered the store, it stays silent.
                    self.parts.runtime.sleep(CHECK_EVERY).await;
                }
                Err(error) => {
                    tracing::debug!(service = self.parts.service, %error, "cannot compare store and stream yet");
                    self.stand(Standing::Starting(error.to_string()));
                    self.parts.runtime.sleep(PAUSE_AFTER_FAILURE).await;
                }
            }
        }
    }

    /// After each reconnect what changed lately, and every few seconds whether it is still the same stream.
    async fn compare_now_and_then(
        &self,
        mut agreed_over: Option<u64>,
        mut connections: watch::Receiver<u64>,
    ) {
        let runtime = &self.parts.runtime;
        loop {
            // Five seconds without a new one are no failure.
            let _ = runtime.timeout(CHECK_EVERY, connections.changed()).await;
            let connection = *connections.borrow_and_update();
            let scope = if agreed_over == Some(connection) { Scope::Identity } else { Scope::Recent };
            match self.reconciliation().check(connection, scope).await {
                Ok(Agreement::Agree) => {
                    self.agrees();
                    agreed_over = Some(connection);
                }
                Ok(Agreement::Untold(aggregates)) => {
                    self.agrees();
                    tracing::debug!(service = self.parts.service, aggregates, "not all is on the stream yet");
                    agreed_over = None;
                }
                Ok(Agreement::StoreIsBehind { aggregates, example }) => {
                    self.behind(aggregates, &example);
                    // What was heard since the older copy was made has to be heard again by whoever recovers it.
                    agreed_over = None;
                }
                Err(error) => {
                    tracing::debug!(service = self.parts.service, %error, "cannot compare store and stream");
                    runtime.sleep(PAUSE_AFTER_FAILURE).await;
                }
            }
        }
    }

    async fn sweep(&self) {
        let MessengerParts { service, relay, outboxes, runtime, .. } = &self.parts;
        loop {
            for outbox in outboxes {
                match relay.sweep(outbox.as_ref()).await {
                    Ok(left) => {
                        gauge!("unpublished_aggregates", "category" => outbox.category()).set(left as f64)
                    }
                    Err(error) => tracing::debug!(service, %error, "cannot sweep"),
                }
            }
            runtime.sleep(SWEEP_EVERY).await;
        }
    }

    fn reconciliation(&self) -> Reconciliation<'_> {
        let parts = &self.parts;
        Reconciliation {
            bus: parts.bus.as_ref(),
            relay: &parts.relay,
            outboxes: &parts.outboxes,
            markers: parts.markers.as_ref(),
            gate: &parts.gate,
            rewinds: &self.rewinds,
            runtime: &parts.runtime,
            consumer: parts.listener.as_ref().map(|listener| listener.service()),
        }
    }

    /// The store holds all that its service said: commands are taken.
    fn agrees(&self) {
        self.parts.gate.open();
        self.stand(Standing::Ready);
    }

    fn behind(&self, aggregates: usize, example: &str) {
        let why = format!("the store lacks events of {aggregates} aggregates, among them {example}");
        if self.stand(Standing::Behind(why.clone())) {
            tracing::error!(service = self.parts.service, "{why}: recover it with stagedoor-replay recover");
        }
    }

    fn stand(&self, standing: Standing) -> bool {
        self.standing.send_if_modified(|now| std::mem::replace(now, standing.clone()) != standing)
    }
}
