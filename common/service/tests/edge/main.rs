//! The edge as callers see it: HTTP in, problems and answers out.
#![expect(clippy::unwrap_used, reason = "what a test cannot do without fails the test")]

mod attacks;
mod browsers;
mod callers;
mod conventions;
mod cut_off;
mod harness;
mod live;
mod origins;
mod problems;
mod serving;
