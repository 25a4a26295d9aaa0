//! Reads what was wished for, aside, and tells it. Whatever is asked of it costs a part of the stream, but for what a
//! request led to: no subject says that, so the stream is read once, the first time it is asked for.

mod finding;
mod paging;
mod watching;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use history::{Order, Query};
use messaging::Selection;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::wish::{News, Whose, Wish};
use crate::Failure;
use crate::stream::Stream;

/// So many events are read at a time.
pub(crate) const PAGE: usize = 200;
/// Who draws takes them sooner.
const WAITING: usize = 256;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

#[derive(Clone)]
pub(crate) struct Loader {
    stream: Stream,
    news: mpsc::Sender<News>,
    /// Stops what is looked for.
    finding: Arc<Mutex<CancellationToken>>,
    is_indexing: Arc<AtomicBool>,
}

impl Loader {
    pub(crate) fn of(stream: Stream) -> (Self, mpsc::Receiver<News>) {
        let (news, heard) = mpsc::channel(WAITING);
        let loader = Self { stream, news, finding: Arc::default(), is_indexing: Arc::default() };
        (loader, heard)
    }

    /// Begins to read; what is read comes as news.
    pub(crate) fn fulfil(&self, wish: Wish) {
        match wish {
            Wish::StopFinding => self.stop_finding(),
            Wish::Find { number, search, from, direction } => {
                let stopped = self.stop_finding_for_another();
                let loader = self.clone();
                self.aside(async move { loader.find(number, search, from, direction, stopped).await });
            }
            Wish::Page { window, place, only } => {
                let loader = self.clone();
                self.aside(async move {
                    let page = loader.page(place, only.as_ref()).await?;
                    loader.tell(News::Page { window, place, page }).await
                });
            }
            Wish::Aggregate { whose, after } => {
                let loader = self.clone();
                self.aside(async move { loader.aggregate(whose, after).await });
            }
            Wish::Story(id) => {
                let loader = self.clone();
                self.aside(async move { loader.story(id).await });
            }
            Wish::Request(id) => {
                let loader = self.clone();
                self.aside(async move {
                    loader.index().await?;
                    loader.story(id).await
                });
            }
            Wish::Named(id) => {
                let loader = self.clone();
                self.aside(async move { loader.named(id).await });
            }
        }
    }

    fn aside(&self, reads: impl Future<Output = Result<(), Failure>> + Send + 'static) {
        let loader = self.clone();
        self.stream.runtime.spawn("explore", async move {
            let news = match loader.stream.runtime.run("explore", reads).await {
                Ok(Ok(())) => return,
                Ok(Err(failure)) => News::Failed(failure.to_string()),
                // A panic has given the terminal back already.
                Err(_) => News::Lost,
            };
            // Nobody to tell: it has ended.
            let _ = loader.tell(news).await;
        });
    }

    async fn tell(&self, news: News) -> Result<(), Failure> {
        self.news.send(news).await.map_err(|_| Failure::NobodyReads)
    }

    async fn aggregate(&self, whose: Whose, after: u64) -> Result<(), Failure> {
        let selection = Selection::new(Some(whose.category.clone()), Some(whose.id), None)
            .map_err(|error| Failure::BadInput(format!("{}: {error}", whose.category)))?;
        let query = Query { selection, after, limit: 1_000, order: Order::Oldest, ..Query::default() };
        let slice = self.stream.history.slice(&query).await?;
        let goes_on = slice.goes_on.is_some() && !slice.entries.is_empty();
        let entries = slice.entries.into_iter().map(Arc::new).collect();
        self.tell(News::Aggregate { whose, after, entries, goes_on }).await
    }

    async fn story(&self, id: Uuid) -> Result<(), Failure> {
        let story = self.stream.history.story(id).await;
        match story {
            Ok(story) => self.tell(News::Story { id, story: story.map(Box::new) }).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn named(&self, id: Uuid) -> Result<(), Failure> {
        let selection = Selection::of_aggregate(id);
        let query = Query { selection, limit: PAGE, order: Order::Oldest, ..Query::default() };
        let slice = self.stream.history.slice(&query).await?;
        let mut categories: Vec<String> = slice.entries.into_iter().map(|entry| entry.category).collect();
        categories.dedup();
        self.tell(News::Named { id, categories }).await
    }

    /// Until it is known what each request led to. The stream is read once, whoever asks.
    async fn index(&self) -> Result<(), Failure> {
        let history = &self.stream.history;
        if !self.is_indexing.swap(true, Ordering::Relaxed) && !history.progress().is_complete {
            let kept_up = history.clone();
            self.stream.runtime.spawn("index", async move { kept_up.keep_up().await });
        }
        let total = self.stream.archive.state().await?.last_sequence;
        while !history.progress().is_complete {
            self.tell(News::Indexing { sequence: history.progress().sequence, total }).await?;
            self.stream.runtime.sleep(BETWEEN_LOOKS).await;
        }
        Ok(())
    }

    fn stop_finding(&self) {
        self.finding.lock().unwrap_or_else(PoisonError::into_inner).cancel();
    }

    fn stop_finding_for_another(&self) -> CancellationToken {
        let mut finding = self.finding.lock().unwrap_or_else(PoisonError::into_inner);
        finding.cancel();
        *finding = CancellationToken::new();
        finding.clone()
    }
}
