//! What tests are written with: given/when/then over a decider, clocks that are moved by hand, an issuer of tokens,
//! attacks on them, and one who listens to streams of events. A dev-dependency only.

mod attacks;
mod clock;
mod decider;
mod issuer;
mod listening;

pub use attacks::{Attack, Loot, attacks};
pub use clock::{ForwardClock, ManualClock};
pub use decider::{Given, Then, given};
pub use issuer::Issuer;
pub use listening::{Listening, Told};
