//! What happened, told to somebody at a terminal: events on a stream in, text out.
//!
//! Texts are kept beside the tests as they should be; `SNAPSHOT=new` writes them anew.
#![expect(clippy::unwrap_used, reason = "what a test cannot do without fails the test")]

mod following;
mod kept;
mod listing;
mod real;
mod reasons;
mod refused;
#[path = "../said/mod.rs"]
mod said;
mod shop;
mod states;
mod stories;
