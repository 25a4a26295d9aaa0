//! Reads what happened from the stream: slices, stories, and what comes.
//!
//! Nothing here is kept anywhere but in memory, and nothing is said: whoever reads can be started, doubled and lost at
//! any time.
//!
//! - `entry`: an event with all that is known of it.
//! - `slice`: a part of the stream, by what stands in it.
//! - `story`: one matter over all services, in causal order.
//! - `index`: where the events of a request stand, which no subject says.
//! - `follower` keeps up with the stream; a `reader` is told by it what comes.

mod entry;
mod follower;
mod index;
mod reader;
mod shared;
mod slice;
mod story;

use std::sync::Arc;

use messaging::{Archive, BusError};
use runtime::Runtime;

pub use entry::Entry;
pub use follower::Progress;
pub use reader::{Ended, Reader};
pub use slice::{Order, Query, Slice};
pub use story::{Story, Told};

use crate::shared::Shared;

/// How many of the newest events are known by the request they began with, unless said otherwise.
pub const INDEXED: usize = 10_000_000;

/// The stream, to be read.
#[derive(Clone)]
pub struct History {
    archive: Arc<dyn Archive>,
    runtime: Runtime,
    shared: Arc<Shared>,
}

/// Why nothing can be told.
#[derive(Clone, Debug, thiserror::Error)]
pub enum HistoryError {
    #[error(transparent)]
    Bus(#[from] BusError),
    /// What a request led to is not known before the stream was read once.
    #[error("the stream is being read for the first time")]
    NotReadYet,
}

impl History {
    /// Of the newest events so many are known by the request that they began with, at 24 bytes each.
    pub fn new(archive: Arc<dyn Archive>, runtime: Runtime, indexed: usize) -> Self {
        Self { archive, runtime, shared: Arc::new(Shared::new(indexed)) }
    }
}

#[cfg(test)]
mod tests;
