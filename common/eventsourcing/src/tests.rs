//! What the suite of all stores cannot say: faults between a command and its store, and what only MongoDB promises.

mod faulty_store;
mod forms;
mod mongo;
mod unknown_outcomes;
