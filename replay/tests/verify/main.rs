//! `verify` over a small shop on real servers: it is found to be in order, and each way of spoiling it is found and named.
#![expect(clippy::unwrap_used, reason = "a test that goes wrong is to stop")]

mod finding;
mod running;
mod shop;
