//! What keeps a shop from opening, or ends its supervision, in sentences.

use std::{io, path::PathBuf};

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not a failure: it was asked for.
    #[error("stopped")]
    Stopped,

    #[error(transparent)]
    Server(#[from] local_servers::Error),

    #[error("{} is not there; build it first: `cargo build --workspace --bins`", .0.display())]
    NotBuilt(PathBuf),

    #[error("auth could not make its keys ({status}): {said}")]
    Keys { status: String, said: String },

    #[error("not ready after {seconds} s: {names}; the end of {}:\n{tail}", .log.display())]
    NotReady { seconds: u64, names: String, log: PathBuf, tail: String },

    #[error("no process of this shop is called {0:?}")]
    NoSuchProcess(String),

    #[error("could not {what}: {source}")]
    Io { what: String, source: io::Error },
}

/// Says what was being done when the machine refused.
pub(crate) trait Doing<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|source| Error::Io { what: what(), source })
    }
}
