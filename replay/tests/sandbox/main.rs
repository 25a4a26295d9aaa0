//! `sandbox` and `diff` as they are used on the command line, over recorded histories.
#![expect(clippy::unwrap_used, reason = "what a test cannot do without fails the test")]

mod deciding_again;
mod looking;
mod refusing;
mod searching;
mod selecting;
mod supposing;

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Those that are recorded.
const RECORDED: [&str; 7] = [
    "purchase",
    "expiry-race",
    "cancellation",
    "declined-then-paid",
    "ban",
    "authentication",
    "capture-failed",
];

/// What a command came to.
struct Answer {
    status: i32,
    out: String,
    complaint: String,
}

/// One of the recorded histories.
fn recorded(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/recorded");
    folder.join(format!("{name}.ndjson")).display().to_string()
}

fn replay(arguments: &[&str]) -> Answer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stagedoor-replay"));
    // Where this machine's servers are is not for these.
    for variable in ["NATS_URL", "MONGODB_URL", "REDIS_URL"] {
        command.env_remove(variable);
    }
    let output = command.args(arguments).stdin(Stdio::null()).output().unwrap();
    Answer {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        complaint: String::from_utf8(output.stderr).unwrap(),
    }
}

/// `sandbox` over one of the recorded histories.
fn sandbox(name: &str, arguments: &[&str]) -> Answer {
    let file = recorded(name);
    replay(&[&["--recording", file.as_str(), "sandbox"], arguments].concat())
}

impl Answer {
    /// It went well, and said this.
    #[track_caller]
    fn says(&self, words: &str) -> &Self {
        assert_eq!(self.status, 0, "{}{}", self.out, self.complaint);
        assert!(self.out.contains(words), "{words:?} is not in\n{}", self.out);
        self
    }

    /// It ended with this status and one sentence.
    #[track_caller]
    fn fails(&self, status: i32, words: &str) -> &Self {
        assert_eq!(self.status, status, "{}{}", self.out, self.complaint);
        assert!(self.complaint.contains(words), "{words:?} is not in\n{}", self.complaint);
        self
    }

    #[track_caller]
    fn has(&self, words: &str) -> &Self {
        assert!(self.out.contains(words), "{words:?} is not in\n{}", self.out);
        self
    }
}
