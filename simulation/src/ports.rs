//! The ports of the services over their forms in memory, with a network in between on which everything goes wrong, and
//! with what a mutant lacks.

mod bus;
mod cards;
mod keeping;
mod link;
mod store;
mod timers;

pub use bus::SimulatedBus;
pub use cards::SimulatedCards;
pub use keeping::{Keeping, SimulatedKeeping};
pub use link::Link;
pub use store::{Hasty, SimulatedStore};
pub use timers::SimulatedTimers;
