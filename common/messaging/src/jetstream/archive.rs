//! The stream on a NATS server, as one who looks back at it sees it.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_trait::async_trait;
use futures::StreamExt as _;

use super::{JetStream, following, passing, reading};
use crate::archive::{Archive, Extent, Numbered, Selection, Tail};
use crate::bus::BusError;
use crate::glimpse::Glimpse;

#[async_trait]
impl Archive for JetStream {
    async fn part(
        &self,
        selection: &Selection,
        from: u64,
        limit: usize,
        extent: Extent,
    ) -> Result<Vec<Numbered>, BusError> {
        let subjects = selection.subject().into_iter().collect();
        reading::part(self, subjects, from, limit, extent).await
    }

    async fn pass(
        &self,
        from: u64,
        until: u64,
        each: &mut (dyn for<'a> FnMut(Glimpse<'a>) + Send),
    ) -> Result<(), BusError> {
        passing::pass(self, from, until, each).await
    }

    async fn count(&self, selection: &Selection, from: u64) -> Result<u64, BusError> {
        let stream = self.stream().await?;
        let config = pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: from.max(1) },
            ack_policy: AckPolicy::None,
            filter_subjects: selection.subject().into_iter().collect(),
            inactive_threshold: Duration::from_secs(1),
            memory_storage: true,
            ..pull::Config::default()
        };
        let consumer = self.within(stream.create_consumer(config)).await?;
        Ok(consumer.cached_info().num_pending)
    }

    async fn tail(&self, from: u64) -> Result<Tail, BusError> {
        let start = DeliverPolicy::ByStartSequence { start_sequence: from.max(1) };
        let followed = following::follow(self.clone(), Vec::new(), start).await?;
        let numbered = futures::stream::unfold(Some(followed), |followed| async {
            let mut followed = followed?;
            match followed.next_numbered().await {
                Ok(numbered) => Some((Ok(numbered), Some(followed))),
                Err(error) => Some((Err(error), None)),
            }
        });
        Ok(numbered.boxed())
    }
}
