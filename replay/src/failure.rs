//! Why a command could not do what it was asked, in one sentence for who asked.

use std::process::ExitCode;

/// Each is one sentence, without a full stop.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// What was asked makes no sense.
    #[error("{0}")]
    BadInput(String),
    /// There is no such thing.
    #[error("{0}")]
    NotThere(String),
    /// A server does not answer, or refuses.
    #[error("{server} {why}")]
    Unreachable { server: String, why: String },
    /// What was looked for was found, and should not be so. It was told already.
    #[error("{0}")]
    Found(String),
    #[error("{0}")]
    File(String),
    /// Whoever read along has gone, as `head` does: nothing to complain about.
    #[error("nobody reads what is printed")]
    NobodyReads,
}

impl Failure {
    /// 1 where something was found that should not be so, or is not there; 2 for what was asked wrongly, as clap has it;
    /// 3 where a server or a file could not be used.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::NobodyReads => 0,
            Self::Found(_) | Self::NotThere(_) => 1,
            Self::BadInput(_) => 2,
            Self::Unreachable { .. } | Self::File(_) => 3,
        })
    }

    pub fn unreachable(server: impl Into<String>, why: impl std::fmt::Display) -> Self {
        Self::Unreachable { server: server.into(), why: why.to_string() }
    }
}

impl From<std::io::Error> for Failure {
    /// Of printing: everything else says which file it was.
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::NobodyReads,
            _ => Self::File(format!("could not print: {error}")),
        }
    }
}

impl From<messaging::BusError> for Failure {
    fn from(error: messaging::BusError) -> Self {
        Self::unreachable("the stream", format!("cannot be read: {}", error.0))
    }
}

impl From<history::HistoryError> for Failure {
    fn from(error: history::HistoryError) -> Self {
        match error {
            history::HistoryError::Bus(error) => error.into(),
            history::HistoryError::NotReadYet => Self::unreachable("the stream", "is still being read"),
        }
    }
}

impl From<eventsourcing::StoreError> for Failure {
    fn from(error: eventsourcing::StoreError) -> Self {
        match error {
            eventsourcing::StoreError::Unavailable(why) => Self::unreachable("MongoDB", why),
            eventsourcing::StoreError::Malformed(..) => Self::Found(error.to_string()),
        }
    }
}
