//! Keeps up with the stream for all who read it: one reading of what stands there, one subscription to what comes.

use std::convert::Infallible;
use std::time::Duration;

use futures::StreamExt as _;
use messaging::{BusError, Extent, Selection};
use metrics::gauge;

use crate::History;

const PAUSE_AFTER_LOSS: Duration = Duration::from_millis(250);
/// How many ids are read at a time.
const PART: usize = 5_000;

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Whether the stream was read to its end, and all that comes is heard.
    pub is_complete: bool,
    /// The last sequence that was read.
    pub sequence: u64,
}

impl History {
    /// Keeps up with the stream for as long as it is polled.
    pub async fn keep_up(&self) {
        loop {
            let Err(error) = self.keep_up_over_one_connection().await;
            tracing::debug!(%error, "the stream cannot be followed");
            self.shared.note_loss();
            self.runtime.sleep(PAUSE_AFTER_LOSS).await;
        }
    }

    pub fn progress(&self) -> Progress {
        let head = *self.shared.head().borrow();
        Progress { is_complete: head.is_complete, sequence: head.sequence }
    }

    /// Until there is more, or less, to say of it than this.
    pub async fn progress_after(&self, progress: Progress) -> Progress {
        let mut head = self.shared.head();
        // Whoever asks holds what would end it.
        let _ = head.wait_for(|head| head.is_complete != progress.is_complete).await;
        self.progress()
    }

    async fn keep_up_over_one_connection(&self) -> Result<Infallible, BusError> {
        let end = self.archive.state().await?.last_sequence;
        if !self.is_the_stream_it_was(end).await? {
            tracing::warn!("the stream is another than it was: it is read again");
            self.shared.forget();
        }
        let mut next = match self.shared.last() {
            Some((sequence, _)) => sequence + 1,
            None => (end + 1).saturating_sub(self.shared.most_indexed()).max(1),
        };
        loop {
            let part = self.archive.part(&Selection::everything(), next, PART, Extent::Ids).await?;
            let Some(last) = part.last() else { break };
            next = last.sequence + 1;
            self.shared.note_past(&part);
            gauge!("history_indexed_events").set(self.shared.indexed() as f64);
        }
        let mut tail = self.archive.tail(next).await?;
        self.shared.note_complete();
        loop {
            let numbered =
                tail.next().await.ok_or_else(|| BusError("the stream's tail has ended".to_owned()))??;
            self.shared.note(&numbered);
            gauge!("history_indexed_events").set(self.shared.indexed() as f64);
        }
    }

    /// A stream that was lost may be told again, and an older one put in its place: sequences then mean other events.
    async fn is_the_stream_it_was(&self, end: u64) -> Result<bool, BusError> {
        let Some((sequence, event_id)) = self.shared.last() else { return Ok(true) };
        if sequence > end {
            return Ok(false);
        }
        let stored = self.archive.get(sequence).await?;
        Ok(stored.is_some_and(|stored| stored.parcel.event_id() == event_id))
    }
}
