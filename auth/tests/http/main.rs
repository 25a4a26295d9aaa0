//! Auth as its callers see it: HTTP in, problems and events out.
#![expect(clippy::unwrap_used, reason = "a test that goes wrong is to stop")]

mod audit;
mod banned_sessions;
mod banning;
mod harness;
mod me;
mod password;
mod people;
mod refresh;
mod refusals;
mod sessions;
mod sign_in;
mod sign_out;
mod sign_up;
mod throttling;
mod tokens;
