//! A bus whose connection is cut at will: before a publication arrives, or before its answer does.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use async_trait::async_trait;
use contracts::Timestamp;
use futures::stream::BoxStream;
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    Bus, BusError, ConsumerSpec, Following, LastMessage, Message, Parcel, PublishError, Stored, StreamState,
    Subscription,
};

pub(crate) struct CutBus {
    bus: Arc<dyn Bus>,
    /// Publications until one is lost.
    requests: AtomicI64,
    /// Publications until the answer to one is lost.
    answers: AtomicI64,
    /// How often it was asked where an aggregate ends.
    asked: AtomicU64,
}

impl CutBus {
    pub(crate) fn new(bus: Arc<dyn Bus>) -> Self {
        let never = || AtomicI64::new(i64::MAX);
        Self { bus, requests: never(), answers: never(), asked: AtomicU64::new(0) }
    }

    /// So many publications still get through; the next is lost.
    pub(crate) fn lose_request_after(&self, publications: i64) {
        self.requests.store(publications, Ordering::SeqCst);
    }

    pub(crate) fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }

    /// So many publications are still answered; the next is stored without an answer.
    pub(crate) fn lose_answer_after(&self, publications: i64) {
        self.answers.store(publications, Ordering::SeqCst);
    }
}

#[async_trait]
impl Bus for CutBus {
    async fn prepare(&self) -> Result<(), BusError> {
        self.bus.prepare().await
    }

    async fn state(&self) -> Result<StreamState, BusError> {
        self.bus.state().await
    }

    async fn last(&self, category: &str, id: Uuid) -> Result<Option<LastMessage>, BusError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.bus.last(category, id).await
    }

    async fn publish(&self, message: &Message, expected_last: u64) -> Result<u64, PublishError> {
        let cut = || PublishError::Unavailable("the connection was lost".to_owned());
        if self.requests.fetch_sub(1, Ordering::SeqCst) == 0 {
            return Err(cut());
        }
        let sequence = self.bus.publish(message, expected_last).await?;
        if self.answers.fetch_sub(1, Ordering::SeqCst) == 0 { Err(cut()) } else { Ok(sequence) }
    }

    async fn get(&self, sequence: u64) -> Result<Option<Stored>, BusError> {
        self.bus.get(sequence).await
    }

    async fn sequence_at(&self, time: Timestamp) -> Result<u64, BusError> {
        self.bus.sequence_at(time).await
    }

    async fn read(
        &self,
        categories: &[&str],
        sequence: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Parcel)>, BusError> {
        self.bus.read(categories, sequence, limit).await
    }

    async fn subscribe(&self, spec: &ConsumerSpec) -> Result<Box<dyn Subscription>, BusError> {
        self.bus.subscribe(spec).await
    }

    async fn delivered(&self, consumer: &str) -> Result<Option<u64>, BusError> {
        self.bus.delivered(consumer).await
    }

    async fn rewind(&self, consumer: &str, sequence: u64) -> Result<(), BusError> {
        self.bus.rewind(consumer, sequence).await
    }

    async fn forget(&self, consumer: &str) -> Result<(), BusError> {
        self.bus.forget(consumer).await
    }

    async fn follow(&self, category: &str) -> Result<BoxStream<'static, Message>, BusError> {
        self.bus.follow(category).await
    }

    async fn follow_from(
        &self,
        hears: &'static [(&'static str, &'static str)],
        since: Timestamp,
    ) -> Result<Box<dyn Following>, BusError> {
        self.bus.follow_from(hears, since).await
    }

    async fn mention(&self, subject: &str, body: Vec<u8>) -> Result<(), BusError> {
        self.bus.mention(subject, body).await
    }

    async fn overhear(&self, subject: &str) -> Result<BoxStream<'static, Vec<u8>>, BusError> {
        self.bus.overhear(subject).await
    }

    fn connections(&self) -> watch::Receiver<u64> {
        self.bus.connections()
    }
}
