//! The stream in memory, as one who looks back at it sees it.

use async_trait::async_trait;
use futures::StreamExt as _;

use super::MemoryBus;
use super::following::MemoryFollowing;
use crate::archive::{Archive, Extent, Numbered, Selection, Tail};
use crate::bus::BusError;

#[async_trait]
impl Archive for MemoryBus {
    async fn part(
        &self,
        selection: &Selection,
        from: u64,
        limit: usize,
        _: Extent,
    ) -> Result<Vec<Numbered>, BusError> {
        let stream = self.stream();
        let selected =
            stream.numbered_from(from).filter(|(_, stored)| selection.selects_parcel(&stored.parcel));
        let numbered =
            |(sequence, stored): (u64, &crate::Stored)| Numbered { sequence, stored: stored.clone() };
        Ok(selected.take(limit).map(numbered).collect())
    }

    async fn count(&self, selection: &Selection, from: u64) -> Result<u64, BusError> {
        let stream = self.stream();
        let selected =
            stream.numbered_from(from).filter(|(_, stored)| selection.selects_parcel(&stored.parcel));
        Ok(selected.count() as u64)
    }

    async fn tail(&self, from: u64) -> Result<Tail, BusError> {
        let following = MemoryFollowing::after(self.clone(), from.saturating_sub(1));
        let numbered = futures::stream::unfold(Some(following), |following| async {
            let mut following = following?;
            match following.next_numbered().await {
                Ok(numbered) => Some((Ok(numbered), Some(following))),
                Err(error) => Some((Err(error), None)),
            }
        });
        Ok(numbered.boxed())
    }
}
