//! The ports of the services over their forms in memory, with a network in between on which everything goes wrong, and
//! with what a mutant lacks.

mod bus;
mod cards;
mod keeping;
mod link;
mod store;
mod timers;

pub(crate) use bus::SimulatedBus;
pub(crate) use cards::SimulatedCards;
pub(crate) use keeping::{Keeping, SimulatedKeeping};
pub(crate) use link::Link;
pub(crate) use store::{Hasty, SimulatedStore};
pub(crate) use timers::SimulatedTimers;
