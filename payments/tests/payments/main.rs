//! Payments as its callers, orders and the card processor see it.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests run on the real clock, and fail by panicking"
)]

mod answer;
mod calls;
mod conformance;
mod harness;
mod http;
mod refusals;
mod stripe;
mod voids;
