//! Counts who asks how often: in Redis for all replicas of a service, and more strictly in memory while Redis is away.
//!
//! Whoever asks is let in or told when to come again, and never waits long for that: Redis is given a moment, and one
//! that did not answer is not asked by anybody before it does again.

mod counting;
mod limiter;
mod memory;
mod network;
mod rate;
mod redis;

pub use counting::{Limits, LimitsError, Take, TooMany};
pub use limiter::Limiter;
pub use memory::MemoryLimits;
pub use network::network;
pub use rate::{ParseRateError, Rate};
pub use redis::RedisLimits;

#[cfg(test)]
mod tests;
