//! What the messenger keeps beside the timers: dead letters, and the marker of the stream.

use ::redis::{AsyncCommands as _, Script};
use async_trait::async_trait;
use contracts::Timestamp;
use eventsourcing::StoreError;
use messaging::{DeadLetter, DeadLetters, Discarded, Marker, Markers, TendedLetters};

use super::RedisTimers;
use crate::timers::TimersError;

const LETTERS: &str = "{stagedoor:timers}:dead_letters";
const DISCARDED: &str = "{stagedoor:timers}:discarded_letters";
/// What somebody did to all this by hand.
const REPAIRS: &str = "{stagedoor:timers}:repairs";
const MARKER: &str = "{stagedoor:timers}:stream_marker";

/// Whether the letter stands as it was seen; then it is changed.
const AS_IT_STANDS: &str = r"
local kept = redis.call('HGET', KEYS[1], ARGV[1])
if not kept then return 0 end
local letter = cjson.decode(kept)
if letter.body ~= ARGV[2] or letter.retry_at ~= ARGV[3] then return 0 end
";
const REPLACE: &str = r"
redis.call('HSET', KEYS[1], ARGV[1], ARGV[4])
return 1";
const DISCARD: &str = r"
redis.call('HSET', KEYS[2], ARGV[4], ARGV[5])
redis.call('HDEL', KEYS[1], ARGV[1])
return 1";

fn unavailable(error: redis::RedisError) -> StoreError {
    TimersError::from(error).into()
}

fn read<T: serde::de::DeserializeOwned>(key: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Malformed(key.to_owned(), error.to_string()))
}

fn write<T: serde::Serialize>(key: &str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Malformed(key.to_owned(), error.to_string()))
}

impl RedisTimers {
    /// Notes that somebody writes here by hand, and what came of it.
    pub async fn note_repair(&self, note: &str) -> Result<(), TimersError> {
        self.connection.clone().rpush::<_, _, ()>(REPAIRS, note).await.map_err(TimersError::from)
    }

    async fn if_it_stands(
        &self,
        then: &str,
        letter: &DeadLetter,
        arguments: &[&str],
    ) -> Result<bool, StoreError> {
        let script = Script::new(&format!("{AS_IT_STANDS}{then}"));
        let mut invocation = script.key(LETTERS);
        invocation.key(DISCARDED).arg(&letter.id).arg(&letter.body).arg(letter.retry_at.to_string());
        for argument in arguments {
            invocation.arg(*argument);
        }
        invocation.invoke_async(&mut self.connection.clone()).await.map_err(unavailable)
    }
}

#[async_trait]
impl DeadLetters for RedisTimers {
    async fn keep(&self, letter: &DeadLetter) -> Result<(), StoreError> {
        let text = write(&letter.id, letter)?;
        self.connection.clone().hset::<_, _, _, ()>(LETTERS, &letter.id, text).await.map_err(unavailable)
    }

    async fn due(&self, now: Timestamp) -> Result<Vec<DeadLetter>, StoreError> {
        let letters = self.all().await?;
        Ok(letters.into_iter().filter(|letter| letter.retry_at <= now).collect())
    }

    async fn replace(&self, before: &DeadLetter, after: &DeadLetter) -> Result<bool, StoreError> {
        self.if_it_stands(REPLACE, before, &[&write(&after.id, after)?]).await
    }

    async fn remove(&self, id: &str) -> Result<(), StoreError> {
        self.connection.clone().hdel::<_, _, ()>(LETTERS, id).await.map_err(unavailable)
    }

    async fn count(&self) -> Result<u64, StoreError> {
        self.connection.clone().hlen(LETTERS).await.map_err(unavailable)
    }
}

#[async_trait]
impl TendedLetters for RedisTimers {
    async fn all(&self) -> Result<Vec<DeadLetter>, StoreError> {
        let texts: Vec<String> = self.connection.clone().hvals(LETTERS).await.map_err(unavailable)?;
        let mut letters =
            texts.iter().map(|text| read::<DeadLetter>(LETTERS, text)).collect::<Result<Vec<_>, _>>()?;
        letters.sort_by_key(|letter| letter.first_at);
        Ok(letters)
    }

    async fn find(&self, id: &str) -> Result<Option<DeadLetter>, StoreError> {
        let text: Option<String> = self.connection.clone().hget(LETTERS, id).await.map_err(unavailable)?;
        text.map(|text| read(id, &text)).transpose()
    }

    async fn discard(&self, discarded: &Discarded) -> Result<bool, StoreError> {
        let text = write(&discarded.letter.id, discarded)?;
        self.if_it_stands(DISCARD, &discarded.letter, &[&discarded.key(), &text]).await
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
