//! The way out: what an aggregate committed is put on the bus, once and in order, by any replica.
//!
//! Each publication names the message it follows, and the bus refuses it when that is no longer the aggregate's last.
//! So a relay that was paused, doubled or killed can neither repeat nor reorder anything.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use contracts::Timestamp;
use eventsourcing::{AfterCommit, Committed, Outbox, RawEvent, Recorded, StoreError};
use futures::{StreamExt as _, stream};
use metrics::{counter, gauge};
use runtime::Runtime;
use uuid::Uuid;

use crate::{Bus, BusError, LastMessage, Message, PublishError};

/// Another relay of the same aggregate was faster this often: then it is left to it.
const CONFLICTS: usize = 10;
/// What was committed this long ago and is still unpublished has lost its relay.
const OVERDUE: Duration = Duration::from_millis(750);
const AT_ONCE: usize = 32;
const PAGE: usize = 500;
/// Published events that stay in the document, and how many may gather before the others are moved out.
const KEPT: usize = 100;
const GATHERED: u64 = 200;
/// A fenced aggregate is looked at again after this time.
const FENCED: Duration = Duration::from_secs(30);

/// Puts committed events on the bus.
pub struct Relay {
    bus: Arc<dyn Bus>,
    runtime: Runtime,
    /// Aggregates whose history on the bus is not that of the store, and when they were last seen to be.
    fenced: Mutex<BTreeMap<Uuid, Timestamp>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Appended {
    All,
    /// The stream has moved on: look where the aggregate stands now.
    Conflict,
}

/// How many aggregates are not published, and why.
#[derive(Clone, Copy, Debug, Default)]
struct Left {
    unavailable: usize,
    fenced: usize,
}

/// Why an aggregate's events are not all on the bus.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The store was rolled back, or is not the one the stream was written from. Nothing is overwritten.
    #[error("the stream tells another history of this aggregate")]
    Fenced,
}

impl Relay {
    pub fn new(bus: Arc<dyn Bus>, runtime: Runtime) -> Self {
        Self { bus, runtime, fenced: Mutex::default() }
    }

    /// Publishes what the stream lacks of one aggregate.
    pub async fn publish(&self, outbox: &dyn Outbox, id: Uuid) -> Result<(), RelayError> {
        for _ in 0..CONFLICTS {
            let connection = self.connection();
            let last = self.bus.last(outbox.category(), id).await?;
            let from = last.map_or(1, |last| last.version);
            let mut events = outbox.events_from(id, from).await?;
            let Some(version) = events.last().map(|event| event.version) else {
                return if last.is_some() { Err(self.fence(outbox.category(), id)) } else { Ok(()) };
            };
            if let Some(last) = last {
                let shared = events.remove(0);
                if (shared.version, shared.id) != (last.version, last.event_id) {
                    return Err(self.fence(outbox.category(), id));
                }
            }
            if self.append(connection, outbox.category(), id, last, events).await? == Appended::All {
                return self.published(outbox, id, version).await;
            }
        }
        Err(BusError("others publish the same aggregate".to_owned()).into())
    }

    /// One pass over everything that was left unpublished. Says how much is still.
    pub async fn sweep(&self, outbox: &dyn Outbox) -> Result<usize, StoreError> {
        let before = self.runtime.now() - OVERDUE;
        let mut left = 0;
        let mut after = None;
        loop {
            let page = outbox.unpublished(before, after, PAGE).await?;
            let page_left = self.publish_all(outbox, &page).await;
            left += page_left.unavailable + page_left.fenced;
            match page.last() {
                Some(last) if page.len() == PAGE => after = Some(*last),
                _ => return Ok(left),
            }
        }
    }

    /// Whether something that was committed before is still to be published.
    pub async fn owes(&self, outbox: &dyn Outbox, before: Timestamp) -> Result<bool, StoreError> {
        let mut after = None;
        loop {
            let page = outbox.unpublished(before, after, PAGE).await?;
            if page.iter().any(|id| !self.is_fenced(*id)) {
                return Ok(true);
            }
            match page.last() {
                Some(last) if page.len() == PAGE => after = Some(*last),
                _ => return Ok(false),
            }
        }
    }

    /// Publishes what the stream lacks of all aggregates that changed since, or of all there are. Says how many
    /// could not be; a fenced one, which only somebody can mend, is not among them.
    pub async fn republish(
        &self,
        outbox: &dyn Outbox,
        since: Option<Timestamp>,
    ) -> Result<usize, RelayError> {
        let told = self.told_since(outbox.category(), since).await?;
        let mut failed = 0;
        let mut after = None;
        loop {
            let page = outbox.changed_since(since, after, PAGE).await?;
            let untold =
                page.iter().filter(|tail| told.get(&tail.id) != Some(&(tail.version, tail.event_id)));
            let untold: Vec<Uuid> = untold.map(|tail| tail.id).collect();
            failed += self.publish_all(outbox, &untold).await.unavailable;
            match page.last() {
                Some(last) if page.len() == PAGE => after = Some(last.id),
                _ => return Ok(failed),
            }
        }
    }

    /// The version and the event in which each aggregate ends that the stream tells of since. Read in one go: to ask
    /// for one after the other would take a service longer to start the more there is to do.
    async fn told_since(
        &self,
        category: &'static str,
        since: Option<Timestamp>,
    ) -> Result<BTreeMap<Uuid, (u64, Uuid)>, BusError> {
        let mut sequence = match since {
            Some(since) => self.bus.sequence_at(since).await?,
            None => 1,
        };
        let mut told = BTreeMap::new();
        loop {
            let page = self.bus.read(&[category], sequence, PAGE).await?;
            for message in page.iter().filter_map(|(_, parcel)| parcel.open().ok()) {
                told.insert(message.id, (message.recorded.version, message.recorded.id));
            }
            match page.last() {
                Some((last, _)) if page.len() == PAGE => sequence = last + 1,
                _ => return Ok(told),
            }
        }
    }

    /// Moves published events out of a document in which many have gathered.
    pub async fn tidy(outbox: &dyn Outbox, id: Uuid, version: u64) -> Result<(), StoreError> {
        if version > GATHERED && outbox.head(id).await?.is_some_and(|head| head.held as u64 > GATHERED) {
            outbox.archive(id, KEPT).await?;
        }
        Ok(())
    }

    async fn publish_fresh(
        &self,
        outbox: &dyn Outbox,
        id: Uuid,
        committed: Committed,
    ) -> Result<(), RelayError> {
        let connection = self.connection();
        let last = match committed.previous {
            Some(_) => self.bus.last(outbox.category(), id).await?,
            None => None,
        };
        let version = committed.events.last().map_or(0, |event| event.version);
        if last.map(|last| last.event_id) == committed.previous
            && self.append(connection, outbox.category(), id, last, committed.events).await? == Appended::All
        {
            return self.published(outbox, id, version).await;
        }
        self.publish(outbox, id).await
    }

    async fn publish_all(&self, outbox: &dyn Outbox, ids: &[Uuid]) -> Left {
        let publish = |id: Uuid| async move {
            if self.is_fenced(id) {
                return Err(RelayError::Fenced);
            }
            self.publish(outbox, id).await.inspect_err(|error| {
                tracing::debug!(category = outbox.category(), aggregate = %id, %error, "not published yet");
            })
        };
        let published = stream::iter(ids.iter().copied()).map(publish).buffer_unordered(AT_ONCE);
        let count = |mut left: Left, outcome: Result<(), RelayError>| {
            match outcome {
                Ok(()) => {}
                Err(RelayError::Fenced) => left.fenced += 1,
                Err(RelayError::Store(_) | RelayError::Bus(_)) => left.unavailable += 1,
            }
            std::future::ready(left)
        };
        published.fold(Left::default(), count).await
    }

    fn connection(&self) -> u64 {
        *self.bus.connections().borrow()
    }

    /// Appends events behind the aggregate's last message, unless it is not that any more.
    async fn append(
        &self,
        connection: u64,
        category: &'static str,
        id: Uuid,
        last: Option<LastMessage>,
        events: Vec<Recorded<RawEvent>>,
    ) -> Result<Appended, BusError> {
        let mut expected = last.map_or(0, |last| last.sequence);
        for recorded in events {
            let message = Message { category: category.to_owned(), id, recorded };
            match self.bus.publish_over(connection, &message, expected).await {
                Ok(sequence) => expected = sequence,
                Err(PublishError::Conflict) => {
                    counter!("relay_conflicts_total", "category" => category).increment(1);
                    return Ok(Appended::Conflict);
                }
                Err(PublishError::Unavailable(why)) => return Err(BusError(why)),
            }
        }
        Ok(Appended::All)
    }

    async fn published(&self, outbox: &dyn Outbox, id: Uuid, version: u64) -> Result<(), RelayError> {
        outbox.mark_published(id, version).await?;
        Ok(Self::tidy(outbox, id, version).await?)
    }

    fn fence(&self, category: &'static str, id: Uuid) -> RelayError {
        let mut fenced = self.fenced.lock().unwrap_or_else(PoisonError::into_inner);
        if fenced.insert(id, self.runtime.now()).is_none() {
            tracing::error!(category, aggregate = %id, "fenced: the stream tells another history of {category} {id}");
        }
        gauge!("relay_fenced").set(fenced.len() as f64);
        RelayError::Fenced
    }

    fn is_fenced(&self, id: Uuid) -> bool {
        let mut fenced = self.fenced.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.runtime.now();
        fenced.retain(|_, seen| now.since(*seen) < FENCED);
        gauge!("relay_fenced").set(fenced.len() as f64);
        fenced.contains_key(&id)
    }
}

#[async_trait]
impl AfterCommit for Relay {
    /// The short way for what was just committed: the document need not be read again. What goes wrong here the
    /// sweep puts right.
    async fn committed(&self, outbox: &dyn Outbox, id: Uuid, committed: Committed) {
        let mut published = self.publish_fresh(outbox, id, committed).await;
        if matches!(published, Err(RelayError::Bus(_))) {
            // What is asked after a connection was lost waits for the next one.
            published = self.publish(outbox, id).await;
        }
        if let Err(error) = published {
            tracing::debug!(category = outbox.category(), aggregate = %id, %error, "left to the sweep");
        }
    }
}
