//! What is promised of limits, whichever store keeps count.

use std::time::Duration;

use async_trait::async_trait;

/// So often within so long. Used up at once it comes back evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub times: u32,
    pub within: Duration,
}

/// One thing that is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Take {
    pub key: String,
    pub rate: Rate,
    /// While this is remembered, it does not count.
    pub unless: Option<String>,
}

/// The count is not to be had.
#[derive(Debug, thiserror::Error)]
#[error("the limits cannot be asked: {0}")]
pub struct LimitsError(pub String);

/// Counts what was taken. Each call is one step, whoever else calls.
#[async_trait]
pub trait Limits: Send + Sync + 'static {
    /// Takes one of each, or nothing at all, and says after how long there will be one of each.
    async fn take(&self, takes: &[Take]) -> Result<Option<Duration>, LimitsError>;
    /// As if nothing had been taken of it.
    async fn forget(&self, key: &str) -> Result<(), LimitsError>;
    async fn remember(&self, key: &str, lasting: Duration) -> Result<(), LimitsError>;
}

impl Rate {
    /// A part of it, and at least one.
    #[must_use]
    pub fn share(self, parts: u32) -> Self {
        Self { times: (self.times / parts.max(1)).max(1), ..self }
    }

    /// How much time one takes up, in microseconds.
    pub(super) fn interval_us(self) -> u64 {
        (self.within_us() / u64::from(self.times.max(1))).max(1)
    }

    pub(super) fn within_us(self) -> u64 {
        u64::try_from(self.within.as_micros()).unwrap_or(u64::MAX)
    }
}
