//! `diff`: what this build would have decided otherwise than the one that recorded a history.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use runtime::{Runtime, TokioTasks};

use crate::Failure;
use crate::commands::Servers;
use crate::recording::Recording;
use crate::sandbox::{DecidedAgain, Outcome, counted, decide_again, deviations};
use crate::stream::Stream;
use crate::terminal::Terminal;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The recording, as `export` writes one; unless it is given, --recording or the stream of a running shop is read
    #[arg(value_name = "RECORDING")]
    file: Option<PathBuf>,
    /// Compare with what another build made of the same history, what it refused included
    #[arg(long, value_name = "FILE")]
    outcome: Option<PathBuf>,
    /// Keep what this build makes of it, for another build to compare with
    #[arg(long, value_name = "FILE")]
    write_outcome: Option<PathBuf>,
}

pub(crate) async fn run(
    servers: &Servers,
    arguments: Arguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let stream = match &arguments.file {
        Some(file) => {
            let runtime = Runtime::real(TokioTasks::default());
            let recording = Arc::new(Recording::read(file)?);
            Stream::new(recording, runtime, file.display().to_string(), true)
        }
        None => servers.stream.open().await?,
    };
    // Before anything is decided: a file that cannot be read should not cost the time that it takes.
    let other = arguments.outcome.as_deref().map(Outcome::read).transpose()?;
    let DecidedAgain { recorded, within, whole } = decide_again(&stream).await?;
    if let Some(file) = &arguments.write_outcome {
        whole.write(file)?;
    }
    let events = counted(recorded.facts.len(), "event");
    let found = match &other {
        Some(other) => {
            let mut found = other.deviations(&whole);
            found.extend(other.different_answers(&whole));
            found
        }
        None => recorded.deviations(&within),
    };
    let afterwards = whole.facts.len() - within.facts.len();
    if afterwards > 0 && other.is_none() {
        let afterwards = counted(afterwards, "event");
        writeln!(terminal, "After the end of {}, {afterwards} would have followed.", stream.name)?;
    }
    if found.is_empty() {
        writeln!(terminal, "{events} decided again: nothing is otherwise.")?;
        return Ok(());
    }
    deviations(terminal, &found)?;
    let found = counted(found.len(), "difference");
    Err(Failure::Found(format!("{events} of {} decided again: {found}", stream.name)))
}
