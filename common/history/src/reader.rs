//! One who is told what comes, from where they left off, however many others are.

use std::collections::VecDeque;
use std::sync::Arc;

use messaging::{BusError, Extent, Selection};
use tokio::sync::watch;

use crate::entry::Entry;
use crate::shared::Head;
use crate::{History, HistoryError};

/// How much of what was missed is read at a time.
const PART: usize = 100;

/// Reads on from a place in the stream. What is not selected is passed over.
pub struct Reader {
    history: History,
    head: watch::Receiver<Head>,
    stream: u64,
    selection: Selection,
    /// Up to here all was read.
    read: u64,
    waiting: VecDeque<Arc<Entry>>,
}

/// Why nothing more comes.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Ended {
    /// Another stream has taken its place, in which sequences mean other events.
    #[error("the stream is another than it was")]
    AnotherStream,
    #[error(transparent)]
    Bus(#[from] BusError),
}

impl History {
    /// What comes behind this sequence; from now on where there is none, or where the stream does not go that far.
    pub async fn follow(&self, selection: Selection, after: Option<u64>) -> Result<Reader, HistoryError> {
        if !self.shared.is_read() {
            return Err(HistoryError::NotReadYet);
        }
        let head = self.shared.head();
        let now = *head.borrow();
        // Another process may have told what is not known here yet.
        let is_there = match after {
            Some(after) => after <= now.sequence || after <= self.archive.state().await?.last_sequence,
            None => false,
        };
        let read = after.filter(|_| is_there).unwrap_or(now.sequence);
        let history = self.clone();
        Ok(Reader { history, head, stream: now.stream, selection, read, waiting: VecDeque::new() })
    }
}

impl Reader {
    /// Waits for it. May be dropped while it waits, and asked again.
    pub async fn next(&mut self) -> Result<Arc<Entry>, Ended> {
        loop {
            if let Some(entry) = self.waiting.pop_front() {
                return Ok(entry);
            }
            let head = *self.head.borrow_and_update();
            if head.stream != self.stream {
                return Err(Ended::AnotherStream);
            }
            if head.sequence > self.read {
                self.read_on(head.sequence).await?;
            } else if self.head.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    async fn read_on(&mut self, end: u64) -> Result<(), BusError> {
        if let Some((read, entries)) = self.history.shared.kept_after(self.read, &self.selection) {
            self.read = read;
            self.waiting.extend(entries);
            return Ok(());
        }
        let archive = &self.history.archive;
        let part = archive.part(&self.selection, self.read + 1, PART, Extent::Whole).await?;
        // Where there was less to read than was asked for, there is nothing up to the end either.
        self.read = if part.len() < PART { end } else { self.read };
        self.read = part.last().map_or(self.read, |last| last.sequence.max(self.read));
        self.waiting.extend(part.iter().filter_map(Entry::read).map(Arc::new));
        Ok(())
    }
}
