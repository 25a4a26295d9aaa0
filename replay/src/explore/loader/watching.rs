//! Tells how far the stream goes. What came is read when it is to be seen, so that any rate can be watched.

use std::time::Duration;

use futures::{FutureExt as _, StreamExt as _};

use super::Loader;
use crate::Failure;
use crate::explore::wish::News;

const PAUSE_AFTER_LOSS: Duration = Duration::from_millis(500);
/// Faster than this nobody reads.
const BETWEEN_NEWS: Duration = Duration::from_millis(50);

impl Loader {
    /// For as long as somebody listens.
    pub(crate) fn watch(&self) {
        if self.stream.is_over {
            return;
        }
        let loader = self.clone();
        self.stream.runtime.spawn("watch", async move {
            let mut known = 0;
            loop {
                match loader.watch_over_one_connection(&mut known).await {
                    Err(Failure::NobodyReads) => return,
                    Err(failure) => {
                        if loader.tell(News::Failed(failure.to_string())).await.is_err() {
                            return;
                        }
                    }
                    Ok(()) => {}
                }
                loader.stream.runtime.sleep(PAUSE_AFTER_LOSS).await;
            }
        });
    }

    /// Until it is lost.
    async fn watch_over_one_connection(&self, known: &mut u64) -> Result<(), Failure> {
        let end = self.stream.archive.state().await?.last_sequence;
        if end < *known {
            self.tell(News::AnotherStream).await?;
        }
        *known = end;
        self.tell(News::Head(end)).await?;
        let mut tail = self.stream.archive.tail(end + 1).await?;
        while let Some(came) = tail.next().await {
            *known = came?.sequence;
            while let Some(Some(came)) = tail.next().now_or_never() {
                *known = came?.sequence;
            }
            self.tell(News::Head(*known)).await?;
            self.stream.runtime.sleep(BETWEEN_NEWS).await;
        }
        Ok(())
    }
}
