//! What tests are written with: given/when/then over a decider, clocks that are moved by hand, an issuer of tokens, and
//! attacks on them. A dev-dependency only.

mod attacks;
mod clock;
mod decider;
mod issuer;

pub use attacks::{Attack, Loot, attacks};
pub use clock::{ForwardClock, ManualClock};
pub use decider::{Given, Then, given};
pub use issuer::Issuer;
