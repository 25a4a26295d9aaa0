//! Expiration: owns the timers of reservations, in Redis, and says `OrderExpired` when one is due.
//!
//! It decides nothing: whether the order is over, the order decides. Without Redis and without this service orders
//! still expire, up to 20 s late.
//!
//! - `timers`: the port behind which timers live; `redis` keeps them there.
//! - `policies`: which events set a timer and which cancel one.
//! - `worker`: waits for the next due time and says it is over.
//! - `rebuild`: sets again what Redis lost, from the event log.

mod config;
mod memory;
mod policies;
mod rebuild;
mod redis;
mod run;
mod timers;
mod worker;

pub use config::Config;
pub use memory::MemoryTimers;
pub use policies::{HEARS, Policies, Then, whenever};
pub use rebuild::rebuild;
pub use redis::RedisTimers;
pub use run::run;
pub use timers::{Claim, Timer, Timers, TimersError};
pub use worker::Worker;

#[cfg(test)]
mod tests;
