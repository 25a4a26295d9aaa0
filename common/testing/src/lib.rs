//! What tests are written with: given/when/then over a decider, a clock that is moved by hand. A dev-dependency only.

mod clock;
mod decider;

pub use clock::ManualClock;
pub use decider::{Given, Then, given};
