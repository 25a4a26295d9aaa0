//! `explore` as people see it: the real program in a real terminal, key by key and screen by screen.
#![expect(clippy::unwrap_used, reason = "what a test cannot do without fails the test")]

mod aggregate;
mod leaving;
mod live;
mod log;
mod script;
mod story;
mod terminal;
