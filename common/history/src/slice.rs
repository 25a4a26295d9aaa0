//! A part of the stream, by what stands in it. It costs as much as it is long, however long the stream is.

mod backwards;
mod of_request;

use contracts::Timestamp;
use messaging::{Extent, Selection};
use uuid::Uuid;

use crate::entry::Entry;
use crate::{History, HistoryError};

/// Which part.
#[derive(Clone, Debug)]
pub struct Query {
    pub selection: Selection,
    /// Only what this request led to.
    pub correlation_id: Option<Uuid>,
    /// Only what was stored at this time or later.
    pub since: Option<Timestamp>,
    /// Only what stands behind this sequence.
    pub after: u64,
    /// Only what stands before this sequence.
    pub before: Option<u64>,
    pub limit: usize,
    pub order: Order,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Newest,
    Oldest,
}

/// What was asked for.
#[derive(Clone, Debug)]
pub struct Slice {
    pub entries: Vec<Entry>,
    /// There is more: before this sequence where the newest were asked for, else behind it.
    pub goes_on: Option<u64>,
}

/// From the first sequence on that is meant, and before the second.
#[derive(Clone, Copy)]
struct Bounds {
    from: u64,
    until: u64,
}

impl Default for Query {
    /// The newest hundred.
    fn default() -> Self {
        Self {
            selection: Selection::everything(),
            correlation_id: None,
            since: None,
            after: 0,
            before: None,
            limit: 100,
            order: Order::Newest,
        }
    }
}

impl History {
    pub async fn slice(&self, query: &Query) -> Result<Slice, HistoryError> {
        let bounds = self.bounds(query).await?;
        if query.limit == 0 || bounds.from >= bounds.until {
            return Ok(Slice { entries: Vec::new(), goes_on: None });
        }
        match (query.correlation_id, query.order) {
            (Some(request), _) => self.slice_of_request(request, query, bounds).await,
            (None, Order::Newest) => self.newest(query, bounds).await,
            (None, Order::Oldest) => self.oldest(query, bounds).await,
        }
    }

    async fn bounds(&self, query: &Query) -> Result<Bounds, HistoryError> {
        let since = match query.since {
            Some(since) => self.archive.sequence_at(since).await?,
            None => 0,
        };
        let end = self.archive.state().await?.last_sequence.saturating_add(1);
        let from = since.max(query.after.saturating_add(1));
        Ok(Bounds { from, until: query.before.map_or(end, |before| before.min(end)) })
    }

    async fn oldest(&self, query: &Query, bounds: Bounds) -> Result<Slice, HistoryError> {
        let Query { selection, limit, .. } = query;
        // One more tells whether there is more.
        let mut part = self.archive.part(selection, bounds.from, limit + 1, Extent::Whole).await?;
        part.retain(|numbered| numbered.sequence < bounds.until);
        let is_more = part.len() > *limit;
        part.truncate(*limit);
        let goes_on = part.last().map(|last| last.sequence).filter(|_| is_more);
        Ok(Slice { entries: part.iter().filter_map(Entry::read).collect(), goes_on })
    }
}
