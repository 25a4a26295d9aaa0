//! What keeps the rig from doing or seeing something.

use std::path::PathBuf;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Shop(#[from] local_shop::Error),

    #[error(transparent)]
    Server(#[from] local_servers::Error),

    #[error(transparent)]
    Browser(#[from] browser::Error),

    #[error("{what} got no answer: {source}")]
    NoAnswer { what: String, source: reqwest::Error },

    /// Another answer than whoever asked counted on.
    #[error("{what}: {answer}")]
    Refused { what: String, answer: String },

    #[error("never within {seconds} s: {what}")]
    Never { what: String, seconds: u64 },

    #[error("the stream cannot be read: {0}")]
    Stream(String),

    /// Not the driver's own words: they may hold whole documents.
    #[error("the documents of {database} cannot be read ({kind})")]
    Documents { database: String, kind: String },

    #[error("Redis cannot be asked: {0}")]
    Redis(#[from] redis::RedisError),

    #[error("the folder for a shop cannot be made: {0}")]
    Folder(#[from] std::io::Error),

    #[error("this program does not know where it lies")]
    NoExecutable,

    #[error("the replay tool could not be run")]
    NoTool(#[source] std::io::Error),

    #[error("it cannot be measured: {0}")]
    Measuring(String),

    #[error("a thing that has been started is gone")]
    Gone,

    #[error("the shop did not settle (its logs are in {}):\n{}", .logs.display(), .violations.join("\n"))]
    Unsettled { logs: PathBuf, violations: Vec<String> },
}
