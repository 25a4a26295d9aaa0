//! Aggregates as they change, for who wants to see the newest: never an older one after a newer one, and of many changes
//! at once only the last.

use std::collections::BTreeSet;
use std::time::Duration;

use eventsourcing::{Aggregates, Clause, Decider, Query, Snapshot, StoreError};
use futures::Stream;
use serde_json::json;
use uuid::Uuid;

use super::{Changes, Versions, Watch};

/// A message on the way may be lost, so the store is looked at this often all the same.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Looks at these aggregates whenever one of them changes, whichever replica changes it.
pub struct Newest<D: Decider> {
    aggregates: Aggregates<D>,
    watch: Watch,
    has_begun: bool,
    /// The versions that were handed on.
    shown: Versions,
    /// What was known when the store was looked at: if that is still older, looking at once would be of no use.
    looked_for: Versions,
}

impl<D: Decider> Newest<D> {
    pub fn new(changes: &Changes, aggregates: Aggregates<D>, ids: impl IntoIterator<Item = Uuid>) -> Self {
        let (shown, looked_for) = (Versions::new(), Versions::new());
        Self { aggregates, watch: changes.watch_all(ids), has_begun: false, shown, looked_for }
    }

    /// At once, the first time, all that there are; after that those that changed, when there are any.
    pub async fn next(&mut self) -> Result<Vec<Snapshot<D>>, StoreError> {
        loop {
            let is_first = !self.has_begun;
            let ids = if is_first { self.watch.ids.clone() } else { self.due().await };
            let found = self.look_at(&ids).await?;
            if is_first || !found.is_empty() {
                return Ok(found);
            }
        }
    }

    /// The same, one after the other. While the store does not answer there is nothing new.
    pub fn stream(self) -> impl Stream<Item = Vec<Snapshot<D>>> {
        futures::stream::unfold(self, async |mut newest| {
            loop {
                match newest.next().await {
                    Ok(found) => return Some((found, newest)),
                    Err(error) => tracing::debug!(%error, "what changed cannot be shown yet"),
                }
                newest.watch.changes.runtime.sleep(PAUSE_AFTER_FAILURE).await;
            }
        })
    }

    /// Waits until something is said to have changed, and says what; or long enough that anything may have.
    async fn due(&mut self) -> BTreeSet<Uuid> {
        let runtime = self.watch.changes.runtime.clone();
        let (shown, looked_for) = (&self.shown, &self.looked_for);
        let is_news = |(id, version): &(&Uuid, &u64)| {
            [shown, looked_for].iter().all(|known| known.get(id).is_none_or(|known| known < version))
        };
        let newer = self.watch.signal.wait_for(|known| known.iter().any(|known| is_news(&known)));
        match runtime.timeout(LOOK_AGAIN, newer).await {
            Ok(Ok(known)) => known.iter().filter(is_news).map(|(id, _)| *id).collect(),
            Ok(Err(_)) | Err(_) => self.watch.ids.clone(),
        }
    }

    async fn look_at(&mut self, ids: &BTreeSet<Uuid>) -> Result<Vec<Snapshot<D>>, StoreError> {
        let known = self.watch.signal.borrow_and_update().clone();
        let query = Query::new(ids.len()).filter(Clause::In("_id", ids.iter().map(|id| json!(id)).collect()));
        let mut found = self.aggregates.find(&query).await?;
        self.has_begun = true;
        self.looked_for.extend(known.into_iter().filter(|(id, _)| ids.contains(id)));
        found.retain(|snapshot| {
            self.shown.get(&snapshot.id).is_none_or(|version| *version < snapshot.version)
        });
        self.shown.extend(found.iter().map(|snapshot| (snapshot.id, snapshot.version)));
        Ok(found)
    }
}
