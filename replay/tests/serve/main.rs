//! The server as admins see it: events on the stream, answers out.
#![expect(clippy::unwrap_used, reason = "what a test cannot do without fails the test")]

mod callers;
mod description;
mod listing;
mod live;
#[path = "../said/mod.rs"]
mod said;
mod shop;
mod telling;
