//! What one request led to, by the index: no subject says it.

use uuid::Uuid;

use super::{Bounds, Order, Query, Slice};
use crate::entry::Entry;
use crate::{History, HistoryError};

/// Anybody may give many requests one id. So many messages are looked at, and then it goes on another time.
const LOOKED_AT: usize = 1_000;

impl History {
    pub(super) async fn slice_of_request(
        &self,
        correlation_id: Uuid,
        query: &Query,
        bounds: Bounds,
    ) -> Result<Slice, HistoryError> {
        let mut sequences = self.shared.of_request(correlation_id).ok_or(HistoryError::NotReadYet)?;
        sequences.retain(|sequence| (bounds.from..bounds.until).contains(sequence));
        if query.order == Order::Newest {
            sequences.reverse();
        }
        let mut entries = Vec::new();
        let mut looked_at = None;
        for (number, sequence) in sequences.into_iter().enumerate() {
            if entries.len() == query.limit || number == LOOKED_AT {
                return Ok(Slice { entries, goes_on: looked_at });
            }
            looked_at = Some(sequence);
            let entry = self.entry(sequence).await?;
            entries.extend(
                entry.filter(|entry| entry.is_of(&query.selection) && entry.correlation_id == correlation_id),
            );
        }
        Ok(Slice { entries, goes_on: None })
    }

    /// None where it is no event of ours, or where the stream has ended before since.
    pub(crate) async fn entry(&self, sequence: u64) -> Result<Option<Entry>, HistoryError> {
        let stored = self.archive.get(sequence).await?;
        Ok(stored.and_then(|stored| Entry::read(&messaging::Numbered { sequence, stored })))
    }
}
