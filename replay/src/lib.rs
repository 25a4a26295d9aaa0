//! replay: the event replay tool. It tells what happened from the events alone, and reads by default.
//!
//! What every command stands on:
//! - `stream.rs` is where the events come from: NATS, or a recording (`recording.rs`).
//! - `stores.rs` is where the services keep their documents.
//! - `kinds.rs` folds any aggregate by its service's own `evolve`.
//! - `difference.rs` is what differs between two states.
//! - `events.rs` is an event in a line, and which are meant; `past.rs` is what became of one aggregate.
//! - `moment.rs` is how a point in a history is named.
//! - `repair.rs` is what it takes to write anything.
//! - `terminal.rs` is what is printed, `failure.rs` why nothing could be.
//!
//! A command is a file that is called as it is; `commands.rs` lists them. `serve` is a server and no command line: it
//! answers admins under `/api/events`.

pub mod commands;
pub mod difference;
pub mod events;
pub mod export;
pub mod failure;
pub mod kinds;
pub mod ls;
pub mod moment;
pub mod past;
pub mod recording;
pub mod repair;
pub mod schema;
pub mod serve;
pub mod state;
pub mod step;
pub mod stores;
pub mod story;
pub mod stream;
pub mod tail;
pub mod terminal;
pub mod verify;
pub mod why;

mod dead;
mod diff;
mod explore;
mod import;
mod lag;
mod rebuild;
mod recover;
mod republish;
mod sandbox;

pub use failure::Failure;

/// Its name: of its process, and of its user at NATS.
pub const SERVICE: &str = "replay";
