//! The stream in memory, read by one who follows it.

use std::sync::Arc;

use async_trait::async_trait;
use contracts::Timestamp;
use tokio::sync::{broadcast, watch};

use super::MemoryBus;
use super::stream::selects;
use crate::archive::Numbered;
use crate::bus::{BusError, Following, Stored};
use crate::message::Message;

pub(super) fn open(
    bus: MemoryBus,
    hears: &'static [(&'static str, &'static str)],
    since: Timestamp,
) -> MemoryFollowing {
    let looked_at = bus.stream().messages.partition_point(|stored| stored.stored_at < since) as u64;
    MemoryFollowing { hears: Some(hears), ..MemoryFollowing::after(bus, looked_at) }
}

pub(super) struct MemoryFollowing {
    bus: MemoryBus,
    /// None: everything.
    hears: Option<&'static [(&'static str, &'static str)]>,
    /// Up to here all came.
    looked_at: u64,
    /// Whatever it brings, it is time to look again.
    rings: broadcast::Receiver<Arc<Message>>,
    connections: watch::Receiver<u64>,
}

impl MemoryFollowing {
    /// Everything behind this sequence.
    pub(super) fn after(bus: MemoryBus, looked_at: u64) -> Self {
        // Before it looks, so that nothing comes unnoticed in between.
        let (rings, connections) = (bus.followed.subscribe(), bus.connections.subscribe());
        Self { bus, hears: None, looked_at, rings, connections }
    }

    pub(super) async fn next_numbered(&mut self) -> Result<Numbered, BusError> {
        let lost = || BusError("the connection was lost".to_owned());
        loop {
            if self.connections.has_changed().unwrap_or(true) {
                return Err(lost());
            }
            if let Some(numbered) = self.take() {
                return Ok(numbered);
            }
            tokio::select! {
                biased;
                _ = self.connections.changed() => return Err(lost()),
                rung = self.rings.recv() => if let Err(broadcast::error::RecvError::Closed) = rung {
                    return Err(BusError("the bus is gone".to_owned()));
                },
            }
        }
    }

    fn hears(&self, stored: &Stored) -> bool {
        let heard =
            |(category, event_type): &(&str, &str)| selects(&stored.parcel, category, Some(event_type));
        self.hears.is_none_or(|hears| hears.iter().any(heard))
    }

    fn take(&mut self) -> Option<Numbered> {
        let stream = self.bus.stream();
        let next = stream.numbered_from(self.looked_at + 1).find(|(_, stored)| self.hears(stored));
        let (looked_at, taken) = match next {
            Some((sequence, stored)) => (sequence, Some(Numbered { sequence, stored: stored.clone() })),
            None => (stream.last_sequence().max(self.looked_at), None),
        };
        drop(stream);
        self.looked_at = looked_at;
        taken
    }
}

#[async_trait]
impl Following for MemoryFollowing {
    fn behind(&self) -> u64 {
        let stream = self.bus.stream();
        stream.numbered_from(self.looked_at + 1).filter(|(_, stored)| self.hears(stored)).count() as u64
    }

    async fn next(&mut self) -> Result<Stored, BusError> {
        self.next_numbered().await.map(|numbered| numbered.stored)
    }
}
