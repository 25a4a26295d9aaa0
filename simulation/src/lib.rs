//! The whole shop in one thread, under a seed: the services' own code over ports in memory, with everything going wrong
//! that can, and what must hold in every history.
//!
//! | file | what it is |
//! |---|---|
//! | `machine.rs` | one thread, its time, and processes that can be killed or stopped between any two steps |
//! | `faults.rs` | what may go wrong, and what of it a seed switches on |
//! | `ports.rs` | the services' ports over their forms in memory, with a bad network in between |
//! | `shop.rs` | the services' processes, and what they leave on their servers |
//! | `people.rs` | buyers and sellers |
//! | `audit.rs` | what may never be so |
//! | `history.rs` | one seed from opening time to rest |
//! | `sometimes.rs` | what many histories together must have met |
//! | `mutant.rs`, `rules.rs`, `hasty.rs` | shops that lack a safeguard, which must be noticed |
//! | `campaign.rs` | many histories on many threads |
//! | `shrink.rs`, `story.rs` | a failure made small, and told |

mod audit;
mod campaign;
mod faults;
mod hasty;
mod history;
mod machine;
mod mutant;
mod people;
mod ports;
mod rules;
mod shop;
mod shrink;
mod sometimes;
mod story;
mod world;

pub use audit::Violation;
pub use campaign::{Campaign, Tally};
pub use faults::{Conditions, Fault};
pub use history::{Outcome, Plan};
pub use mutant::Mutant;
pub use shrink::shrink;
pub use sometimes::{Met, Sometimes};
pub use story::Story;
