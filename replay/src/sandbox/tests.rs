//! Replays of recorded histories, one question a file.

mod recorded;
