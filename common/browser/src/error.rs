//! What can go wrong between a person and a page, each in a sentence that helps who reads a failed test.

use std::io;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Tools(#[from] local_servers::Error),

    #[error("could not {what}: {source}")]
    Io { what: String, source: io::Error },

    #[error("Chromium has ended; the last it said:\n{said}")]
    Gone { said: String },

    #[error("Chromium refused {method}: {message}")]
    Refused { method: String, message: String },

    #[error("Chromium did not answer {method} in {seconds} s")]
    Silent { method: String, seconds: u64 },

    #[error("Chromium answered {method} with what was not expected: {answer}")]
    Unexpected { method: String, answer: String },

    #[error("{url} could not be opened: {reason}")]
    NotOpened { url: String, reason: String },

    #[error("{url} had not loaded after {seconds} s")]
    NeverLoaded { url: String, seconds: u64 },

    #[error("no {what} is called {name:?} at {url}; there are {there:?}")]
    Missing { what: &'static str, name: String, url: String, there: Vec<String> },

    #[error("{count} are called {name:?} at {url}, and a {what} was meant; look within a part of the page")]
    Ambiguous { what: &'static str, name: String, url: String, count: usize },

    #[error("{name:?} cannot be used: {reason}")]
    Unusable { name: String, reason: String },

    #[error("{text:?} was not {expected} at {url} after {seconds} s; it says:\n{says}")]
    NotSo { text: String, expected: &'static str, url: String, seconds: u64, says: String },

    #[error("no element is selected by {selector:?} at {url}")]
    NoSuchPart { selector: String, url: String },

    #[error("the script failed: {message}")]
    Script { message: String },

    #[error("Lighthouse gave no report for {url}; it said:\n{said}")]
    NoReport { url: String, said: String },
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
