//! Tickets as callers and as the orders see it: HTTP and events in, answers and events out, over the store in memory.
#![expect(clippy::unwrap_used, reason = "a test that goes wrong is to stop")]

mod admitting;
mod banning;
mod changing;
mod finding;
mod forgetful;
mod hearing;
mod listing;
mod live;
mod shop;
