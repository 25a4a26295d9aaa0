//! What is mended at real servers, by the program itself as it is shipped: killed, started again, and twice at once.
#![expect(clippy::unwrap_used, reason = "what a test cannot do without fails the test")]

mod clashing;
mod orders;
mod rebuilding;
mod recovering;
mod refusing;
mod republishing;
mod servers;
