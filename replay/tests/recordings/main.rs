//! A part of a shop's past as a file: written, masked, read by every command, and told again to an empty stream.
#![expect(clippy::unwrap_used, reason = "what a test cannot do without fails the test")]

mod exporting;
mod importing;
mod purchase;
mod servers;
