//! A recording as a stream that can be looked back at, and never goes on.

use std::sync::LazyLock;

use async_trait::async_trait;
use contracts::Timestamp;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use messaging::{
    Archive, Bus, BusError, ConsumerSpec, Extent, Following, LastMessage, Message, Numbered, Parcel,
    PublishError, Selection, Stored, StreamState, Subscription, Tail,
};
use tokio::sync::watch;
use uuid::Uuid;

use super::Recording;

/// There is no connection that could be lost.
static CONNECTED: LazyLock<watch::Sender<u64>> = LazyLock::new(|| watch::channel(1).0);

impl Recording {
    fn from(&self, sequence: u64) -> &[Numbered] {
        let begin = self.messages.partition_point(|numbered| numbered.sequence < sequence);
        &self.messages[begin..]
    }

    fn selected<'a>(&'a self, selection: &'a Selection, from: u64) -> impl Iterator<Item = &'a Numbered> {
        self.from(from).iter().filter(move |numbered| selection.selects_parcel(&numbered.stored.parcel))
    }
}

fn over() -> BusError {
    BusError("a recording is only read".to_owned())
}

#[async_trait]
impl Archive for Recording {
    async fn part(
        &self,
        selection: &Selection,
        from: u64,
        limit: usize,
        _: Extent,
    ) -> Result<Vec<Numbered>, BusError> {
        Ok(self.selected(selection, from).take(limit).cloned().collect())
    }

    async fn count(&self, selection: &Selection, from: u64) -> Result<u64, BusError> {
        Ok(self.selected(selection, from).count() as u64)
    }

    async fn tail(&self, from: u64) -> Result<Tail, BusError> {
        let rest: Vec<_> = self.from(from).iter().cloned().map(Ok).collect();
        Ok(futures::stream::iter(rest).chain(futures::stream::pending()).boxed())
    }
}

#[async_trait]
impl Bus for Recording {
    async fn prepare(&self) -> Result<(), BusError> {
        Ok(())
    }

    async fn state(&self) -> Result<StreamState, BusError> {
        let created = self.messages.first().map_or(self.head.recorded_at, |first| first.stored.stored_at);
        Ok(StreamState { created, last_sequence: self.messages.last().map_or(0, |last| last.sequence) })
    }

    async fn last(&self, category: &str, id: Uuid) -> Result<Option<LastMessage>, BusError> {
        let found = self.messages.iter().rev().find_map(|numbered| {
            let message = numbered.stored.parcel.open().ok()?;
            (message.category == category && message.id == id).then(|| LastMessage {
                sequence: numbered.sequence,
                version: message.recorded.version,
                event_id: message.recorded.id,
            })
        });
        Ok(found)
    }

    async fn publish(&self, _: &Message, _: u64) -> Result<u64, PublishError> {
        Err(PublishError::Unavailable(over().0))
    }

    async fn get(&self, sequence: u64) -> Result<Option<Stored>, BusError> {
        let first = self.from(sequence).first();
        Ok(first.filter(|numbered| numbered.sequence == sequence).map(|numbered| numbered.stored.clone()))
    }

    async fn sequence_at(&self, time: Timestamp) -> Result<u64, BusError> {
        let place = self.messages.partition_point(|numbered| numbered.stored.stored_at < time);
        let next = || self.messages.last().map_or(1, |last| last.sequence + 1);
        Ok(self.messages.get(place).map_or_else(next, |numbered| numbered.sequence))
    }

    async fn read(
        &self,
        categories: &[&str],
        sequence: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Parcel)>, BusError> {
        let is_of = |parcel: &Parcel| {
            parcel.open().is_ok_and(|message| categories.contains(&message.category.as_str()))
        };
        let selected = self.from(sequence).iter().filter(|numbered| is_of(&numbered.stored.parcel));
        Ok(selected.take(limit).map(|numbered| (numbered.sequence, numbered.stored.parcel.clone())).collect())
    }

    async fn subscribe(&self, _: &ConsumerSpec) -> Result<Box<dyn Subscription>, BusError> {
        Err(over())
    }

    async fn delivered(&self, _: &str) -> Result<Option<u64>, BusError> {
        Ok(None)
    }

    async fn rewind(&self, _: &str, _: u64) -> Result<(), BusError> {
        Err(over())
    }

    async fn forget(&self, _: &str) -> Result<(), BusError> {
        Err(over())
    }

    async fn follow(&self, _: &str) -> Result<BoxStream<'static, Message>, BusError> {
        Ok(futures::stream::pending().boxed())
    }

    async fn follow_from(
        &self,
        _: &'static [(&'static str, &'static str)],
        _: Timestamp,
    ) -> Result<Box<dyn Following>, BusError> {
        Err(over())
    }

    async fn mention(&self, _: &str, _: Vec<u8>) -> Result<(), BusError> {
        Err(over())
    }

    async fn overhear(&self, _: &str) -> Result<BoxStream<'static, Vec<u8>>, BusError> {
        Ok(futures::stream::pending().boxed())
    }

    fn connections(&self) -> watch::Receiver<u64> {
        CONNECTED.subscribe()
    }
}
