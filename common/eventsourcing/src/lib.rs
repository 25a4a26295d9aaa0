//! Aggregates that decide by their events: the decider, what executes it, and the store its documents live in.
//!
//! An aggregate is one document, so its state and its events commit together, in one write.

mod aggregates;
mod decider;
mod execute;
mod memory;
mod mongo;
mod query;
mod recorded;
mod schema;
mod store;

pub use aggregates::{AfterCommit, Aggregates, Committed, Gate, Rules};
pub use decider::Decider;
pub use execute::{Execution, ExecutionError};
pub use memory::{DocumentCopy, MemoryStore, StoreCopy};
pub use mongo::{MongoStore, document_to_json, json_to_bson};
pub use query::{Clause, Cursor, CursorError, Direction, Query};
pub use recorded::{Actor, Cause, RawEvent, Recorded};
pub use schema::{Index, Schema, UniqueIndex};
pub use store::{Commit, CommitError, EventStore, Head, Loaded, Outbox, Snapshot, StoreError, Tail};

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod tests;
