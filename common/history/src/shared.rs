//! What the one who follows the stream leaves to all who read.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use messaging::{Numbered, Selection};
use tokio::sync::watch;
use uuid::Uuid;

use crate::entry::Entry;
use crate::index::Index;

/// Of the newest events so many are kept whole: who lags behind further reads the stream.
const KEPT: usize = 1_024;

pub(crate) struct Shared {
    known: RwLock<Known>,
    head: watch::Sender<Head>,
    indexed: usize,
}

/// How far the stream is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    /// Another one begins when the stream turns out to be another.
    pub stream: u64,
    pub sequence: u64,
    /// Whether it was read to its end, over the connection that there is.
    pub is_complete: bool,
}

pub(crate) struct Known {
    index: Index,
    /// Whether the stream was read to its end once.
    is_read: bool,
    /// One behind the other; none where it is no event of ours.
    kept: VecDeque<(u64, Option<Arc<Entry>>)>,
    /// The last message, by which the stream is known again.
    last: Option<(u64, Option<Uuid>)>,
}

impl Known {
    fn new(indexed: usize) -> Self {
        Self { index: Index::new(indexed), is_read: false, kept: VecDeque::new(), last: None }
    }
}

impl Shared {
    pub(crate) fn new(indexed: usize) -> Self {
        Self { known: RwLock::new(Known::new(indexed)), head: watch::channel(Head::default()).0, indexed }
    }

    pub(crate) fn head(&self) -> watch::Receiver<Head> {
        self.head.subscribe()
    }

    /// How many events are known by the request they began with.
    pub(crate) fn indexed(&self) -> usize {
        self.read().index.len()
    }

    pub(crate) fn most_indexed(&self) -> u64 {
        self.indexed as u64
    }

    /// Whether the stream was read to its end once.
    pub(crate) fn is_read(&self) -> bool {
        self.read().is_read
    }

    /// Where the events of a request stand; none before the stream was read.
    pub(crate) fn of_request(&self, correlation_id: Uuid) -> Option<Vec<u64>> {
        let known = self.read();
        known.is_read.then(|| known.index.find(correlation_id))
    }

    /// The last message that is known, and its event.
    pub(crate) fn last(&self) -> Option<(u64, Option<Uuid>)> {
        self.read().last
    }

    /// What stands on the stream already: only where it stands is kept.
    pub(crate) fn note_past(&self, part: &[Numbered]) {
        let Some(last) = part.last() else { return };
        let mut known = self.write();
        known.kept.clear();
        for numbered in part {
            known.note(numbered);
        }
        drop(known);
        self.head.send_modify(|head| head.sequence = last.sequence);
    }

    /// What has just come.
    pub(crate) fn note(&self, numbered: &Numbered) {
        let entry = Entry::read(numbered).map(Arc::new);
        let mut known = self.write();
        known.note(numbered);
        if known.kept.len() == KEPT {
            known.kept.pop_front();
        }
        known.kept.push_back((numbered.sequence, entry));
        drop(known);
        self.head.send_modify(|head| head.sequence = numbered.sequence);
    }

    pub(crate) fn note_complete(&self) {
        self.write().is_read = true;
        self.head.send_modify(|head| head.is_complete = true);
    }

    pub(crate) fn note_loss(&self) {
        self.head.send_modify(|head| head.is_complete = false);
    }

    /// The stream is another: what is known of the one before means nothing.
    pub(crate) fn forget(&self) {
        *self.write() = Known::new(self.indexed);
        self.head.send_modify(|head| *head = Head { stream: head.stream + 1, ..Head::default() });
    }

    /// What was selected of all behind this sequence; none where not all of that is kept.
    pub(crate) fn kept_after(&self, sequence: u64, selection: &Selection) -> Option<(u64, Vec<Arc<Entry>>)> {
        let known = self.read();
        let (first, last) = (known.kept.front()?.0, known.kept.back()?.0);
        let skipped = usize::try_from((sequence + 1).checked_sub(first)?).ok()?;
        let entries = known.kept.iter().skip(skipped).filter_map(|(_, entry)| entry.as_ref());
        let selected = entries.filter(|entry| entry.is_of(selection));
        Some((last.max(sequence), selected.cloned().collect()))
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn note(&mut self, numbered: &Numbered) {
        let parcel = &numbered.stored.parcel;
        if let Some(correlation_id) = parcel.correlation_id() {
            self.index.note(correlation_id, numbered.sequence);
        }
        self.last = Some((numbered.sequence, parcel.event_id()));
    }
}
