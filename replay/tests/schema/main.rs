//! The description of the events against the events: the golden files, the example of each, what services hear, and what
//! a stream holds.
#![expect(clippy::unwrap_used, reason = "what a test cannot do without fails the test")]

mod checking;
mod document;
mod forms;
