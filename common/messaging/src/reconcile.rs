//! Stores and stream are brought together: what the stream lost is published again, a store that lost something is
//! noticed before it does harm.

use std::collections::BTreeMap;
use std::time::Duration;

use contracts::Timestamp;
use eventsourcing::{Gate, Outbox, StoreError};
use runtime::Runtime;
use uuid::Uuid;

use crate::consumer::Rewinds;
use crate::marker::{LastSeen, Marker, Markers};
use crate::{Bus, BusError, Relay, RelayError, StreamState};

/// What is published behind a marker is of aggregates that changed no longer than this before it.
const OVERLAP: Duration = Duration::from_secs(300);
const PAGE: usize = 1_000;

/// What one service has to bring together.
pub(crate) struct Reconciliation<'a> {
    pub bus: &'a dyn Bus,
    pub relay: &'a Relay,
    pub outboxes: &'a [std::sync::Arc<dyn Outbox>],
    pub markers: &'a dyn Markers,
    pub gate: &'a Gate,
    pub rewinds: &'a Rewinds,
    pub runtime: &'a Runtime,
    /// The durable consumer, for a service that hears something.
    pub consumer: Option<&'a str>,
}

/// How store and stream stand to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Agreement {
    Agree,
    /// But for so many aggregates, which the stream may have lost and could not be told of now: look again. The marker
    /// stays where it is.
    Untold(usize),
    /// The store lacks what the stream says its service said: so many aggregates, among them this one.
    StoreIsBehind {
        aggregates: usize,
        example: String,
    },
}

/// Store or bus could not be asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReconcileError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Bus(#[from] BusError),
    #[error(transparent)]
    Relay(#[from] RelayError),
    #[error("{0} aggregates are not published yet")]
    Unpublished(usize),
}

/// How much is to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// What changed since shortly before the stream was last seen.
    Recent,
    /// Only whether it is still the same stream; everything if it is not.
    Identity,
}

impl Reconciliation<'_> {
    /// One look over this connection. Nothing is overwritten on either side.
    pub(crate) async fn check(&self, connection: u64, scope: Scope) -> Result<Agreement, ReconcileError> {
        self.bus.prepare().await?;
        // The stream last: it goes on meanwhile, and one that ends before what was seen earlier did lose something.
        let marker = self.markers.load().await?;
        let delivered = match self.consumer {
            Some(consumer) => self.bus.delivered(consumer).await?.unwrap_or(0),
            None => 0,
        };
        let seen_at = self.runtime.now();
        let owes = self.owes(seen_at - OVERLAP).await?;
        let state = self.bus.state().await?;
        let same = match &marker {
            Some(marker) => self.is_same(&state, marker).await?,
            None => false,
        };
        // Without a marker nobody knows whether what was heard is what stands there now.
        let lost_something =
            delivered > state.last_sequence || (!same && (marker.is_some() || delivered > 0));
        if let Some(consumer) = self.consumer.filter(|_| lost_something) {
            tracing::warn!(
                consumer,
                "the stream is not known to be the one that was heard: hearing it from its beginning"
            );
            self.rewinds.note();
            self.bus.forget(consumer).await?;
        }
        let (behind_from, since) = match marker.as_ref().filter(|_| same) {
            Some(marker) => (marker.last_sequence + 1, Some(marker.seen_at - OVERLAP)),
            None => (1, None),
        };
        let behind = self.behind(behind_from).await?;
        if let Some((example, _)) = behind.first_key_value() {
            self.gate.shut();
            let example = format!("{} {}", example.0, example.1);
            return Ok(Agreement::StoreIsBehind { aggregates: behind.len(), example });
        }
        // Up to the marker it is the same. What was behind that may have been lost and told again by the others, with
        // something else where this consumer stands.
        if let (Some(consumer), Scope::Recent, Some(marker)) = (self.consumer, scope, marker.filter(|_| same))
            && delivered > marker.last_sequence
        {
            self.rewinds.note();
            self.bus.rewind(consumer, marker.last_sequence).await?;
        }
        let state = if same && scope == Scope::Identity {
            state
        } else {
            let mut failed = 0;
            for outbox in self.outboxes {
                failed += self.relay.republish(outbox.as_ref(), since).await?;
            }
            match failed {
                0 => {}
                _ if same => return Ok(Agreement::Untold(failed)),
                _ => return Err(ReconcileError::Unpublished(failed)),
            }
            // What was told again just now may be old: the marker has to stand behind it.
            self.bus.state().await?
        };
        let last = self.last_seen(state.last_sequence).await?;
        if *self.bus.connections().borrow() != connection {
            // Half of what was seen may be of one stream, and half of another.
            return Err(BusError("the connection was made anew meanwhile".to_owned()).into());
        }
        // What the relay is late with will stand behind the marker, so the marker waits for it.
        if !owes {
            let (created, last_sequence) = (state.created, state.last_sequence);
            self.markers.save(&Marker { created, last_sequence, last, seen_at }).await?;
        }
        Ok(Agreement::Agree)
    }

    async fn owes(&self, before: Timestamp) -> Result<bool, StoreError> {
        for outbox in self.outboxes {
            if self.relay.owes(outbox.as_ref(), before).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn is_same(&self, state: &StreamState, marker: &Marker) -> Result<bool, BusError> {
        Ok(state.created == marker.created
            && state.last_sequence >= marker.last_sequence
            && self.last_seen(marker.last_sequence).await? == marker.last)
    }

    async fn last_seen(&self, sequence: u64) -> Result<Option<LastSeen>, BusError> {
        if sequence == 0 {
            return Ok(None);
        }
        let stored = self.bus.get(sequence).await?;
        Ok(stored.map(|stored| LastSeen { event_id: stored.parcel.event_id(), stored_at: stored.stored_at }))
    }

    /// The aggregates of which the stream, from `sequence` on, says more than the store, and how much.
    async fn behind(&self, mut sequence: u64) -> Result<BTreeMap<(&'static str, Uuid), u64>, ReconcileError> {
        let categories: Vec<_> = self.outboxes.iter().map(|outbox| outbox.category()).collect();
        let mut said = BTreeMap::new();
        while !categories.is_empty() {
            let page = self.bus.read(&categories, sequence, PAGE).await?;
            for message in page.iter().filter_map(|(_, parcel)| parcel.open().ok()) {
                let category = categories.iter().find(|category| **category == message.category);
                if let Some(category) = category {
                    let version = said.entry((*category, message.id)).or_insert(0);
                    *version = message.recorded.version.max(*version);
                }
            }
            match page.last() {
                Some((last, _)) if page.len() == PAGE => sequence = last + 1,
                _ => break,
            }
        }
        let mut behind = BTreeMap::new();
        for ((category, id), version) in said {
            let outbox = self.outboxes.iter().find(|outbox| outbox.category() == category);
            let Some(outbox) = outbox else { continue };
            let held = outbox.head(id).await?.map_or(0, |head| head.version);
            if held < version {
                behind.insert((category, id), version - held);
            }
        }
        Ok(behind)
    }
}
