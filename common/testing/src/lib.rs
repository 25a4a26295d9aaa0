//! What tests are written with: given/when/then over a decider. A dev-dependency only.

mod decider;

pub use decider::{Given, Then, given};
