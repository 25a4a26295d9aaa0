//! What the messenger keeps beside the timers: dead letters, and the marker of the stream.

use ::redis::AsyncCommands as _;
use async_trait::async_trait;
use contracts::Timestamp;
use eventsourcing::StoreError;
use messaging::{DeadLetter, DeadLetters, Marker, Markers};

use super::RedisTimers;
use crate::timers::TimersError;

const LETTERS: &str = "{stagedoor:timers}:dead_letters";
const MARKER: &str = "{stagedoor:timers}:stream_marker";

fn unavailable(error: redis::RedisError) -> StoreError {
    TimersError::from(error).into()
}

fn read<T: serde::de::DeserializeOwned>(key: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Malformed(key.to_owned(), error.to_string()))
}

fn write<T: serde::Serialize>(key: &str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Malformed(key.to_owned(), error.to_string()))
}

#[async_trait]
impl DeadLetters for RedisTimers {
    async fn keep(&self, letter: &DeadLetter) -> Result<(), StoreError> {
        let text = write(&letter.id, letter)?;
        self.connection.clone().hset::<_, _, _, ()>(LETTERS, &letter.id, text).await.map_err(unavailable)
    }

    async fn due(&self, now: Timestamp) -> Result<Vec<DeadLetter>, StoreError> {
        let texts: Vec<String> = self.connection.clone().hvals(LETTERS).await.map_err(unavailable)?;
        let letters =
            texts.iter().map(|text| read::<DeadLetter>(LETTERS, text)).collect::<Result<Vec<_>, _>>()?;
        Ok(letters.into_iter().filter(|letter| letter.retry_at <= now).collect())
    }

    async fn remove(&self, id: &str) -> Result<(), StoreError> {
        self.connection.clone().hdel::<_, _, ()>(LETTERS, id).await.map_err(unavailable)
    }

    async fn count(&self) -> Result<u64, StoreError> {
        self.connection.clone().hlen(LETTERS).await.map_err(unavailable)
    }
}

#[async_trait]
impl Markers for RedisTimers {
    async fn load(&self) -> Result<Option<Marker>, StoreError> {
        let text: Option<String> = self.connection.clone().get(MARKER).await.map_err(unavailable)?;
        text.map(|text| read(MARKER, &text)).transpose()
    }

    async fn save(&self, marker: &Marker) -> Result<(), StoreError> {
        let text = write(MARKER, marker)?;
        self.connection.clone().set::<_, _, ()>(MARKER, text).await.map_err(unavailable)
    }
}
