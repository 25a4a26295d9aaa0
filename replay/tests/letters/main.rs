//! Dead letters of real services over real servers, and how far their consumers are.
#![expect(clippy::unwrap_used, reason = "what a test cannot do without fails the test")]

mod expiring;
mod lagging;
mod ordering;
#[path = "../recordings/servers.rs"]
mod servers;
