//! Replays of recorded histories, one question a file.

mod again;
mod recorded;
mod searching;
mod what_if;
