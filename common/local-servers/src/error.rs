//! What can go wrong between wanting a server and having one, each in a sentence that says what to do.

use std::{io, path::PathBuf};

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "the workspace was not found from here; run this inside it, or set STAGEDOOR_HOME to a folder for its data"
    )]
    NoHome,

    #[error("{tool} is needed to fetch {package}, and is not installed; install {tool} and run this again")]
    ToolMissing { tool: &'static str, package: &'static str },

    #[error(
        "{package} could not be fetched. Is the network reachable, and does the package index answer? {tool} said:\n{said}"
    )]
    Fetch { package: &'static str, tool: &'static str, said: String },

    #[error(
        "MongoDB's engine needs glibc 2.38, this machine has {found}, and a newer one can be fetched only on Debian and \
         Ubuntu; set MONGODB_URL to a MongoDB that runs already"
    )]
    GlibcTooOld { found: String },

    #[error("CHROMIUM names {}, which is not there; name a Chromium or Chrome, or nothing to have one fetched", .missing.display())]
    NoSuchChromium { missing: PathBuf },

    #[error("{because}\nA Chromium or Chrome that is there already is used when CHROMIUM names it")]
    NoChromium { because: Box<Error> },

    #[error("{package} was fetched, but {} is not in it", .missing.display())]
    Incomplete { package: &'static str, missing: PathBuf },

    #[error("port {port} of {name} is in use by another process; end that one, or choose another port")]
    PortTaken { name: String, port: u16 },

    #[error("no free port was found on 127.0.0.1")]
    NoFreePort,

    #[error("{name} ended while it was starting ({status}); the end of {}:\n{tail}", .log.display())]
    EndedEarly { name: String, status: String, log: PathBuf, tail: String },

    #[error("{name} was not ready after {seconds} s ({missing}); the end of {}:\n{tail}", .log.display())]
    NotReady { name: String, seconds: u64, missing: String, log: PathBuf, tail: String },

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
