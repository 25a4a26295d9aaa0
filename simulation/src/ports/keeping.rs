//! What a service keeps beside its documents: how far it saw the stream, and the messages it could not handle.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use contracts::Timestamp;
use eventsourcing::StoreError;
use futures::FutureExt as _;
use messaging::{DeadLetter, DeadLetters, Marker, Markers, MemoryDeadLetters, MemoryMarkers};

use super::link::{Link, Lost};

/// What is kept at the server.
#[derive(Default)]
pub(crate) struct Keeping {
    kept: Mutex<Arc<Kept>>,
}

#[derive(Default)]
struct Kept {
    markers: MemoryMarkers,
    letters: Arc<MemoryDeadLetters>,
}

impl Keeping {
    /// The server loses it all.
    pub(crate) fn lose(&self) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Arc::default();
    }

    /// How far the service has seen the stream.
    pub(crate) fn marker(&self) -> Option<Marker> {
        self.kept().markers.load().now_or_never()?.ok().flatten()
    }

    /// Makes that what it was.
    pub(crate) fn put_back(&self, marker: Option<Marker>) {
        let markers = MemoryMarkers::new(marker);
        let kept = &mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Arc::new(Kept { markers, letters: Arc::clone(&kept.letters) });
    }

    /// How many messages wait to be handled after all.
    pub(crate) async fn letters(&self) -> u64 {
        self.kept().letters.count().await.unwrap_or(u64::MAX)
    }

    fn kept(&self) -> Arc<Kept> {
        Arc::clone(&self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One process's view of it.
pub(crate) struct SimulatedKeeping {
    keeping: Arc<Keeping>,
    link: Link,
}

impl SimulatedKeeping {
    pub(crate) fn new(keeping: Arc<Keeping>, link: Link) -> Self {
        Self { keeping, link }
    }
}

fn unavailable(_: Lost) -> StoreError {
    StoreError::Unavailable("no answer".to_owned())
}

#[async_trait]
impl Markers for SimulatedKeeping {
    async fn load(&self) -> Result<Option<Marker>, StoreError> {
        self.link.ask().await.map_err(unavailable)?;
        self.keeping.kept().markers.load().await
    }

    async fn save(&self, marker: &Marker) -> Result<(), StoreError> {
        self.link.there().await.map_err(unavailable)?;
        self.keeping.kept().markers.save(marker).await?;
        self.link.back().await.map_err(unavailable)
    }
}

#[async_trait]
impl DeadLetters for SimulatedKeeping {
    async fn keep(&self, letter: &DeadLetter) -> Result<(), StoreError> {
        self.link.there().await.map_err(unavailable)?;
        self.link.world.tell(|story| {
            let told = format!("dead letter: {}: {}", letter.subject, letter.error);
            story.note(self.link.world.inside.now_us(), None, told);
        });
        self.keeping.kept().letters.keep(letter).await?;
        self.link.back().await.map_err(unavailable)
    }

    async fn due(&self, now: Timestamp) -> Result<Vec<DeadLetter>, StoreError> {
        self.link.ask().await.map_err(unavailable)?;
        self.keeping.kept().letters.due(now).await
    }

    async fn replace(&self, before: &DeadLetter, after: &DeadLetter) -> Result<bool, StoreError> {
        self.link.there().await.map_err(unavailable)?;
        let is_replaced = self.keeping.kept().letters.replace(before, after).await?;
        self.link.back().await.map_err(unavailable)?;
        Ok(is_replaced)
    }

    async fn remove(&self, id: &str) -> Result<(), StoreError> {
        self.link.there().await.map_err(unavailable)?;
        self.keeping.kept().letters.remove(id).await?;
        self.link.back().await.map_err(unavailable)
    }

    async fn count(&self) -> Result<u64, StoreError> {
        self.link.ask().await.map_err(unavailable)?;
        self.keeping.kept().letters.count().await
    }
}
