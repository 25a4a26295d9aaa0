//! What is promised of limits, whichever store keeps count.

use std::time::Duration;

use async_trait::async_trait;

use crate::Rate;

/// One thing that is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Take {
    /// What is taken together has to lie together where Redis is a cluster: the same word in braces.
    pub key: String,
    pub rate: Rate,
    /// While this is remembered, it does not count.
    pub unless: Option<String>,
}

/// Try again after so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany(pub Duration);

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

impl Take {
    pub fn new(key: String, rate: Rate) -> Self {
        Self { key, rate, unless: None }
    }
}

impl TooMany {
    /// In whole seconds, one at least: not before there is another.
    pub fn seconds(self) -> u32 {
        let seconds = self.0.as_micros().div_ceil(1_000_000).max(1);
        u32::try_from(seconds).unwrap_or(u32::MAX)
    }
}
