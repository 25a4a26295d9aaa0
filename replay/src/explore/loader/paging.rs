//! Reads a part of the log.

use std::sync::Arc;

use history::{Entry, Order, Query, Slice};

use super::{Loader, PAGE};
use crate::Failure;
use crate::explore::search::Search;
use crate::explore::wish::{Page, Place};
use crate::moment::Moment;

/// So many parts are looked through for what matches, and then it is told how far that was.
const PARTS: usize = 20;

impl Loader {
    pub(super) async fn page(&self, place: Place, only: Option<&Search>) -> Result<Page, Failure> {
        match place {
            Place::Newest => self.before(None, only).await,
            Place::Before(sequence) => self.before(Some(sequence), only).await,
            Place::After(sequence) => self.after(sequence, only).await,
            Place::Around(moment) => self.around(moment, only).await,
        }
    }

    async fn before(&self, sequence: Option<u64>, only: Option<&Search>) -> Result<Page, Failure> {
        let end = self.stream.archive.state().await?.last_sequence;
        let mut from = sequence.map_or(end + 1, |sequence| sequence.min(end + 1));
        let to = from.saturating_sub(1);
        let mut entries: Vec<Arc<Entry>> = Vec::new();
        let mut goes_on = true;
        for _ in 0..PARTS {
            let query = Query { before: Some(from), limit: PAGE, ..Query::default() };
            let Slice { entries: read, goes_on: next } = self.stream.history.slice(&query).await?;
            entries.extend(matching(read, only));
            goes_on = next.is_some();
            from = next.unwrap_or(1);
            if !goes_on || entries.len() >= PAGE || (only.is_none() && !entries.is_empty()) {
                break;
            }
        }
        entries.reverse();
        Ok(Page { entries, from, to, goes_on_before: goes_on, goes_on_after: false, at: None })
    }

    async fn after(&self, sequence: u64, only: Option<&Search>) -> Result<Page, Failure> {
        let mut entries: Vec<Arc<Entry>> = Vec::new();
        let (mut to, mut goes_on) = (sequence, true);
        for _ in 0..PARTS {
            let end = self.stream.archive.state().await?.last_sequence;
            let query = Query { after: to, limit: PAGE, order: Order::Oldest, ..Query::default() };
            let Slice { entries: read, goes_on: next } = self.stream.history.slice(&query).await?;
            goes_on = next.is_some();
            // What came meanwhile was read too.
            let last = read.last().map_or(0, |last| last.sequence);
            to = next.unwrap_or(end.max(last).max(to));
            entries.extend(matching(read, only));
            if !goes_on || entries.len() >= PAGE || (only.is_none() && !entries.is_empty()) {
                break;
            }
        }
        Ok(Page { entries, from: sequence + 1, to, goes_on_before: true, goes_on_after: goes_on, at: None })
    }

    async fn around(&self, moment: Moment, only: Option<&Search>) -> Result<Page, Failure> {
        let at = self.sequence_of(moment).await?;
        let earlier = self.before(Some(at), only).await?;
        let later = self.after(at.saturating_sub(1), only).await?;
        let mut entries = earlier.entries;
        entries.extend(later.entries);
        let (from, to) = (earlier.from, later.to);
        let (goes_on_before, goes_on_after) = (earlier.goes_on_before, later.goes_on_after);
        Ok(Page { entries, from, to, goes_on_before, goes_on_after, at: Some(at) })
    }

    async fn sequence_of(&self, moment: Moment) -> Result<u64, Failure> {
        match moment.not_in_the_future(self.stream.runtime.now())? {
            Moment::Sequence(sequence) => Ok(sequence),
            Moment::Time(time) => Ok(self.stream.archive.sequence_at(time).await?),
            Moment::Ago(_) | Moment::Version(_) => {
                Err(Failure::BadInput("a version is one of an aggregate: open it first".to_owned()))
            }
        }
    }
}

fn matching(entries: Vec<Entry>, only: Option<&Search>) -> impl Iterator<Item = Arc<Entry>> {
    entries.into_iter().filter(move |entry| only.is_none_or(|only| only.matches(entry))).map(Arc::new)
}
