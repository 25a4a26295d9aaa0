//! The stand-in as Stripe's own description sees it: every operation through async-stripe, over a real
//! connection.
#![expect(clippy::disallowed_methods, reason = "these tests run on the real clock")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod authentication;
mod declines;
mod faults;
mod harness;
mod idempotency;
mod lists;
mod payments;
mod refunds;
mod requests;
mod restart;
mod webhooks;
