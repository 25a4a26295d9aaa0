//! A whole shop on real servers, the people in it, and what must hold whatever becomes of either: the harness that
//! breaks and measures.
//!
//! - `shop`, `door`, `ask`, `person`, `listing`: a shop of one's own, and how people trade in it.
//! - `replay`: the replay tool at such a shop.
//! - `behind`: the stream, the stores and the card processor, as whoever judges them all sees them.
//! - `invariants`: what must hold, and what is lost, doubled or stuck where it does not.
//! - `chaos`: breaks everything that can be broken by a plan drawn from a seed; `between` stands between two processes.
//! - `site`: its pages in each of their states, as people see them.
//! - `rush`, `bench`: everybody at once, and how long things take.
#![expect(
    clippy::disallowed_methods,
    reason = "it plays people at a real shop: it really waits, and takes ids and the time as it comes"
)]

mod ask;
mod behind;
pub mod bench;
pub mod between;
pub mod chaos;
mod checked;
mod door;
mod error;
pub mod fuzz;
pub mod invariants;
mod listing;
mod person;
mod replay;
pub mod rush;
mod shop;
pub mod site;

pub use ask::{Answer, Ask};
pub use behind::{Behind, Books, Kept, KeptEvent, Said, names};
pub use checked::Checked;
pub use door::Door;
pub use error::{Error, Result};
pub use listing::{Listing, in_seconds, now};
pub use person::Person;
pub use shop::{Options, Shop};
