//! The way in: what a service hears is handled in lanes, acknowledged after its effect, and never given up for a
//! fault of the infrastructure.

mod holding;

use std::collections::{BTreeMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use eventsourcing::StoreError;
use futures::FutureExt as _;
use metrics::{counter, gauge};
use runtime::Runtime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::dead_letters::{DeadLetter, DeadLetters};
use crate::message::Parcel;
use crate::{Bus, ConsumerSpec, Delivery, Fault, Heard, Listener};
use holding::Holding;

/// What the bus was told nothing about for so long it delivers again: whoever had it in hand is dead.
pub(crate) const ACK_WAIT: Duration = Duration::from_secs(3);
/// What takes longer is cut off, and tried again.
const HANDLING: Duration = Duration::from_secs(6);
/// Messages in hand at once.
const AT_ONCE: usize = 256;
const PAUSE_BEFORE_RESUBSCRIBING: Duration = Duration::from_millis(200);
/// A message that cannot be handled as it is becomes a dead letter after so many tries.
const TRIES: u32 = 5;
const PAUSE_BETWEEN_TRIES: Duration = Duration::from_millis(200);
/// A dead letter that is due is tried no later than this.
pub const LOOK_FOR_DEAD_LETTERS: Duration = Duration::from_secs(5);
/// How long a stopping process waits for what is in hand.
const DRAIN: Duration = Duration::from_secs(10);

/// Hands a service's messages to its listener.
#[derive(Clone)]
pub(crate) struct Consumer {
    pub bus: Arc<dyn Bus>,
    pub listener: Arc<dyn Listener>,
    pub dead_letters: Arc<dyn DeadLetters>,
    pub runtime: Runtime,
    in_hand: Arc<Semaphore>,
    holding: Holding,
    lanes: Arc<Mutex<BTreeMap<Uuid, VecDeque<InHand>>>>,
    /// How often a message was found to be impossible, by its event, or by its sequence where it has none.
    tries: Arc<Mutex<BTreeMap<Uuid, u32>>>,
    rewinds: Rewinds,
}

/// How often the consumer was set back. What was delivered before is not answered any more: another message may stand
/// at its sequence by now. Clones are one.
#[derive(Clone, Default)]
pub(crate) struct Rewinds(Arc<AtomicU64>);

impl Rewinds {
    pub(crate) fn note(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

struct InHand {
    delivery: Delivery,
    heard: Heard,
    /// How often the consumer had been set back when it came.
    rewinds: u64,
    _permit: OwnedSemaphorePermit,
}

impl Consumer {
    pub(crate) fn new(
        bus: Arc<dyn Bus>,
        listener: Arc<dyn Listener>,
        dead_letters: Arc<dyn DeadLetters>,
        runtime: Runtime,
        rewinds: Rewinds,
    ) -> Self {
        Self {
            bus,
            listener,
            dead_letters,
            runtime,
            in_hand: Arc::new(Semaphore::new(AT_ONCE)),
            holding: Holding::default(),
            lanes: Arc::default(),
            tries: Arc::default(),
            rewinds,
        }
    }

    /// Tells the bus what is being worked on, for as long as it is polled.
    pub(crate) async fn tell_what_is_in_hand(&self) {
        self.holding.tell(&self.runtime).await;
    }

    /// Until it is told to stop; then what is in hand is finished.
    pub(crate) async fn work(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.subscribed(stop).await {
                tracing::debug!(service = self.listener.service(), %error, "subscribing again");
                self.runtime.sleep(PAUSE_BEFORE_RESUBSCRIBING).await;
            }
        }
        let all = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
        if self.runtime.timeout(DRAIN, self.in_hand.acquire_many(all)).await.is_err() {
            tracing::warn!(service = self.listener.service(), "stopped with messages in hand");
        }
    }

    async fn subscribed(&self, stop: &CancellationToken) -> Result<(), crate::BusError> {
        let spec =
            ConsumerSpec { name: self.listener.service(), hears: self.listener.hears(), ack_wait: ACK_WAIT };
        let mut subscription = self.bus.subscribe(&spec).await?;
        loop {
            let Ok(permit) = Arc::clone(&self.in_hand).acquire_owned().await else { return Ok(()) };
            let delivery = tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(()),
                delivery = subscription.next() => delivery?,
            };
            if delivery.attempt > 1 {
                counter!("messages_redelivered_total").increment(1);
            }
            match read(&delivery.parcel) {
                Ok(heard) => {
                    let rewinds = self.rewinds.count();
                    self.line_up(InHand { delivery, heard, rewinds, _permit: permit });
                }
                Err(why) => self.impossible(&delivery, why).await,
            }
        }
    }

    /// Messages that touch the same aggregate are handled one after the other, others side by side.
    fn line_up(&self, in_hand: InHand) {
        let lane = self.listener.lane(&in_hand.heard);
        self.holding.hold(in_hand.delivery.sequence, &in_hand.delivery.receipt);
        let mut lanes = self.lanes();
        if let Some(waiting) = lanes.get_mut(&lane) {
            waiting.push_back(in_hand);
            return;
        }
        lanes.insert(lane, VecDeque::from([in_hand]));
        drop(lanes);
        let this = self.clone();
        self.runtime.spawn("lane", async move {
            while let Some(in_hand) = this.next_in(lane) {
                this.handle(in_hand).await;
            }
        });
    }

    fn next_in(&self, lane: Uuid) -> Option<InHand> {
        let mut lanes = self.lanes();
        let next = lanes.get_mut(&lane).and_then(VecDeque::pop_front);
        if next.is_none() {
            lanes.remove(&lane);
        }
        next
    }

    async fn handle(&self, in_hand: InHand) {
        let InHand { delivery, heard, rewinds, _permit } = in_hand;
        let outcome = hear(&*self.listener, &self.runtime, &heard).await;
        self.holding.let_go(delivery.sequence);
        let event_type = heard.event.event_type();
        let outcome_name = match &outcome {
            Ok(()) => "handled",
            Err(Fault::NotYet(_)) => "not_yet",
            Err(Fault::Unavailable(_)) => "unavailable",
            Err(Fault::Poison(_)) => "impossible",
        };
        counter!("messages_handled_total", "type" => event_type, "outcome" => outcome_name).increment(1);
        if rewinds != self.rewinds.count() {
            return;
        }
        let answered = match outcome {
            Ok(()) => {
                self.tries().remove(&key(&delivery));
                delivery.receipt.acknowledge().await
            }
            Err(Fault::NotYet(pause)) => delivery.receipt.again_in(pause).await,
            Err(Fault::Unavailable(why)) => {
                let pause = growing(delivery.attempt);
                tracing::warn!(event_type, aggregate = %heard.aggregate_id, why, ?pause, "message to be tried again");
                delivery.receipt.again_in(pause).await
            }
            Err(Fault::Poison(why)) => return self.impossible(&delivery, why).await,
        };
        if let Err(error) = answered {
            // It comes again, and finds its cause handled.
            tracing::debug!(event_type, %error, "answer lost");
        }
    }

    async fn impossible(&self, delivery: &Delivery, why: String) {
        let tries = {
            let mut all = self.tries();
            let tries = all.entry(key(delivery)).or_default();
            *tries += 1;
            *tries
        };
        let wire = delivery.parcel.wire();
        let subject = &wire.subject;
        let kept = if tries < TRIES {
            tracing::warn!(subject, tries, why, "message cannot be handled");
            Err(())
        } else {
            let letter = DeadLetter::new(delivery.sequence, &wire, why, self.runtime.now());
            self.dead_letters.keep(&letter).await.map_err(drop).inspect(|()| {
                tracing::error!(subject, error = letter.error, "dead letter: {subject}");
            })
        };
        let answered = match kept {
            Ok(()) => {
                self.tries().remove(&key(delivery));
                delivery.receipt.terminate().await
            }
            Err(()) => delivery.receipt.again_in(PAUSE_BETWEEN_TRIES * tries.min(TRIES)).await,
        };
        if let Err(error) = answered {
            tracing::debug!(subject, %error, "answer lost");
        }
    }

    /// Tries dead letters again when their time has come, for as long as it is polled.
    pub(crate) async fn retry_dead_letters(&self) {
        loop {
            if let Err(error) = self.retry_due().await {
                tracing::debug!(%error, "cannot look for dead letters");
            }
            self.runtime.sleep(LOOK_FOR_DEAD_LETTERS).await;
        }
    }

    async fn retry_due(&self) -> Result<(), StoreError> {
        for letter in self.dead_letters.due(self.runtime.now()).await? {
            let outcome = match read(&Parcel::Wired(letter.wire())) {
                Ok(heard) => {
                    hear(&*self.listener, &self.runtime, &heard).await.map_err(|fault| fault.to_string())
                }
                Err(why) => Err(why),
            };
            match outcome {
                Ok(()) => self.dead_letters.remove(&letter.id).await?,
                Err(why) => {
                    let failed = letter.clone().failed_again(why, self.runtime.now());
                    // Who changed or discarded it meanwhile has the last word.
                    self.dead_letters.replace(&letter, &failed).await?;
                }
            }
        }
        gauge!("dead_letters").set(self.dead_letters.count().await? as f64);
        Ok(())
    }

    fn lanes(&self) -> MutexGuard<'_, BTreeMap<Uuid, VecDeque<InHand>>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tries(&self) -> MutexGuard<'_, BTreeMap<Uuid, u32>> {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the tries of a message are counted by: a sequence may be another message's by now.
fn key(delivery: &Delivery) -> Uuid {
    delivery.parcel.event_id().unwrap_or_else(|| Uuid::from_u64_pair(0, delivery.sequence))
}

fn read(parcel: &Parcel) -> Result<Heard, String> {
    Heard::decode(&*parcel.open()?).map_err(|error| error.to_string())
}

/// A panic is the message's fault, too long a time the infrastructure's.
async fn hear(listener: &dyn Listener, runtime: &Runtime, heard: &Heard) -> Result<(), Fault> {
    let handling = AssertUnwindSafe(listener.hear(heard)).catch_unwind();
    match runtime.timeout(HANDLING, handling).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(Fault::Poison("the handler panicked".to_owned())),
        Err(_) => Err(Fault::Unavailable("the handler took too long".to_owned())),
    }
}

/// 100 ms, doubling, up to 10 s.
fn growing(attempt: u64) -> Duration {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(u32::MAX).min(7);
    (Duration::from_millis(100) * 2_u32.pow(doublings)).min(Duration::from_secs(10))
}
