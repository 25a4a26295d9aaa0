//! The newest of what was selected. A stream is only read forwards: where to begin is found by counting.

use messaging::{BusError, Extent, Numbered, Selection};

use super::{Bounds, Query, Slice};
use crate::entry::Entry;
use crate::{History, HistoryError};

/// How much wider it is looked each time there was too little.
const WIDER: u64 = 16;
/// Up to so many times too much is read rather than counted once more.
const SPARE: u64 = 4;

impl History {
    pub(super) async fn newest(&self, query: &Query, bounds: Bounds) -> Result<Slice, HistoryError> {
        let Query { selection, limit, .. } = query;
        // One more tells whether there is more.
        let wanted = *limit as u64 + 1;
        let (from, found) = self.before(selection, bounds, wanted).await?;
        let mut part = self.among(selection, from, found, bounds).await?;
        if selection.is_everything() && (part.len() as u64) < found {
            // A recording has holes.
            let (from, found) = self.by_counting(selection, bounds, wanted).await?;
            part = self.among(selection, from, found, bounds).await?;
        }
        let is_more = part.len() > *limit;
        part.drain(..part.len().saturating_sub(*limit));
        let goes_on = part.first().map(|first| first.sequence).filter(|_| is_more);
        Ok(Slice { entries: part.iter().rev().filter_map(Entry::read).collect(), goes_on })
    }

    async fn among(
        &self,
        selection: &Selection,
        from: u64,
        limit: u64,
        bounds: Bounds,
    ) -> Result<Vec<Numbered>, BusError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut part = self.archive.part(selection, from, limit, Extent::Whole).await?;
        part.retain(|numbered| numbered.sequence < bounds.until);
        Ok(part)
    }

    /// Where to begin so that at least so many are found, but few more, and how many; all of them where there are not
    /// so many.
    async fn before(
        &self,
        selection: &Selection,
        bounds: Bounds,
        wanted: u64,
    ) -> Result<(u64, u64), BusError> {
        if selection.is_everything() {
            let from = bounds.until.saturating_sub(wanted).max(bounds.from);
            return Ok((from, bounds.until - from));
        }
        self.by_counting(selection, bounds, wanted).await
    }

    async fn by_counting(
        &self,
        selection: &Selection,
        bounds: Bounds,
        wanted: u64,
    ) -> Result<(u64, u64), BusError> {
        let Bounds { from: first, until } = bounds;
        let beyond = self.archive.count(selection, until).await?;
        let count = async |from: u64| {
            Ok::<_, BusError>(self.archive.count(selection, from).await?.saturating_sub(beyond))
        };
        let mut width = wanted.saturating_mul(SPARE);
        let (mut from, mut too_far) = (until, until);
        let mut found = 0;
        while found < wanted && from > first {
            too_far = from;
            from = until.saturating_sub(width).max(first);
            found = count(from).await?;
            width = width.saturating_mul(WIDER);
        }
        while found > wanted.saturating_mul(SPARE) && too_far - from > 1 {
            let between = from + (too_far - from) / 2;
            let nearer = count(between).await?;
            if nearer < wanted {
                too_far = between;
            } else {
                (from, found) = (between, nearer);
            }
        }
        Ok((from, found))
    }
}
