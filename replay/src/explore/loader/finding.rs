//! Looks through the stream for what matches, a part at a time, until it is told to stop.

use history::{Order, Query};
use tokio_util::sync::CancellationToken;

use super::{Loader, PAGE};
use crate::Failure;
use crate::explore::search::Search;
use crate::explore::wish::{Direction, News};

impl Loader {
    /// Before this sequence, or behind it.
    pub(super) async fn find(
        &self,
        number: u64,
        search: Search,
        from: u64,
        direction: Direction,
        stopped: CancellationToken,
    ) -> Result<(), Failure> {
        let mut query = match direction {
            Direction::Up => Query { before: Some(from), order: Order::Newest, ..Query::default() },
            Direction::Down => Query { after: from, order: Order::Oldest, ..Query::default() },
        };
        query.limit = PAGE;
        loop {
            let slice = self.stream.history.slice(&query).await?;
            if stopped.is_cancelled() {
                return Ok(());
            }
            if let Some(found) = slice.entries.iter().find(|entry| search.matches(entry)) {
                return self.tell(News::Found { number, sequence: found.sequence }).await;
            }
            let Some(next) = slice.goes_on else { return self.tell(News::NotFound { number }).await };
            match direction {
                Direction::Up => query.before = Some(next),
                Direction::Down => query.after = next,
            }
            self.tell(News::Looking { number, sequence: next }).await?;
        }
    }
}
