//! The state file: one JSON line for each committed request. A killed process leaves at most a torn last
//! line, whose request was never answered; at start the file is rewritten as a snapshot beside it and
//! renamed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::store::Change;

#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
}

/// Why a state file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("the state file {path} cannot be read or written")]
    Io { path: PathBuf, source: io::Error },
    #[error("line {line} of the state file {path} is not the stand-in's")]
    Malformed { path: PathBuf, line: usize, source: serde_json::Error },
}

impl Journal {
    /// Every change in the file, oldest first; none when there is no file.
    pub(crate) fn read(path: &Path) -> Result<Vec<Change>, JournalError> {
        let text = match fs::read(path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(JournalError::Io { path: path.to_owned(), source }),
        };
        // What follows the last line break was never completed.
        let complete = text.rfind('\n').map_or("", |end| &text[..end]);
        let mut changes = Vec::new();
        for (index, line) in complete.lines().enumerate() {
            let commit: Vec<Change> = serde_json::from_str(line).map_err(|source| {
                JournalError::Malformed { path: path.to_owned(), line: index + 1, source }
            })?;
            changes.extend(commit);
        }
        Ok(changes)
    }

    /// Replaces the file by a snapshot in one rename, and goes on behind it.
    pub(crate) fn compact(path: &Path, snapshot: &[Change]) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Io { path: path.to_owned(), source };
        let temporary = path.with_extension("next");
        fs::write(&temporary, line(snapshot).map_err(failed)?).map_err(failed)?;
        fs::rename(&temporary, path).map_err(failed)?;
        let file = OpenOptions::new().append(true).open(path).map_err(failed)?;
        Ok(Self { file })
    }

    /// One write for one line: what the kernel has taken outlives the process.
    pub(crate) fn append(&mut self, changes: &[Change]) -> io::Result<()> {
        self.file.write_all(&line(changes)?)
    }
}

fn line(changes: &[Change]) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(changes)?;
    line.push(b'\n');
    Ok(line)
}
