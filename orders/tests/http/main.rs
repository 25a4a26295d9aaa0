//! The service as its callers and the bus see it: requests and events in, answers and events out.
#![expect(clippy::unwrap_used, reason = "what a test cannot do without fails the test")]

mod banning;
mod cancelling;
mod description;
mod events;
mod history;
mod live;
mod overdue;
mod placing;
mod reading;
mod shop;
mod waiting;
mod withdrawing;
